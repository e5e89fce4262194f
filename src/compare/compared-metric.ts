/** How a number of a result is compared with that of another. */
export interface ComparedMetric {
  /** As in `perRound` of result.json. */
  readonly name: string;
  /**
   * `cost`: counted, and the same on any machine: a difference is a regression. `time`: measured, and what the machine
   * did meanwhile is in it: a difference counts only where both sides were run side by side.
   */
  readonly kind: "cost" | "time";
  readonly better: "higher" | "lower";
  /** How large a difference does not matter: 0.05 is 5 %. */
  readonly margin: number;
}

export interface Margins {
  readonly cost: number;
  readonly time: number;
}

/** A p99 scatters more than a median: p99 changes under some 15 % are not seen in 20 short rounds. */
const tailFactor = 2;

export const defaultMargins: Margins = { cost: 0.02, time: 0.05 };

/** Every metric that is compared, what costs no quiet machine first. */
export function comparedMetrics({ cost, time }: Margins): readonly ComparedMetric[] {
  const costs = ["statements", "roundTrips", "walBytes", "buffers"].map((name) => ({
    name: `costPerClaim.${name}`,
    kind: "cost" as const,
    better: "lower" as const,
    margin: cost,
  }));
  return [
    ...costs,
    { name: "claimsPerSecond", kind: "time", better: "higher", margin: time },
    { name: "latencyMs.toClaim.p50", kind: "time", better: "lower", margin: time },
    { name: "latencyMs.toClaim.p99", kind: "time", better: "lower", margin: time * tailFactor },
  ];
}
