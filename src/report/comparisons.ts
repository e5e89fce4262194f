import { pairedLogRatio } from "../stats/paired-log-ratio.ts";
import { quantile } from "../stats/quantile.ts";
import { supportedQuantile } from "../stats/supported-quantile.ts";
import type { CostName } from "./measure/cost.ts";
import type { RoundMeasurement } from "./measure/round.ts";
import { significant } from "./measure/significant.ts";
import type { ComparisonResult } from "./result.ts";

/** A strategy and its rounds, to be compared. */
export interface Compared {
  readonly name: string;
  readonly role: "subject" | "control";
  readonly rounds: readonly RoundMeasurement[];
}

/** One number a round; null where the round has none, or too few samples for it. */
type Metric = (round: RoundMeasurement) => number | null;

const metrics: Readonly<Record<string, Metric>> = {
  claimsPerSecond: (round) => round.claimsPerSecond,
  "latencyMs.toClaim.p50": percentile(0.5),
  "latencyMs.toClaim.p99": percentile(0.99),
  "costPerClaim.walBytes": cost("walBytes"),
  "costPerClaim.statements": cost("statements"),
};

/** The numbers of a round by the metrics' names; what it has none of, or too few samples for, is left out. */
export function roundMetrics(round: RoundMeasurement): Record<string, number> {
  const numbers = Object.entries(metrics).map(([name, of]) => [name, significant(of(round))]);
  return Object.fromEntries(numbers.filter(([, value]) => value !== null)) as Record<
    string,
    number
  >;
}

/** Every subject against every control, by rounds of the same repeat; a metric that no pair of rounds has is left out. */
export function compareStrategies(strategies: readonly Compared[]): ComparisonResult[] {
  const subjects = strategies.filter((strategy) => strategy.role === "subject");
  const controls = strategies.filter((strategy) => strategy.role === "control");
  return subjects.flatMap((subject) =>
    controls.flatMap((control) =>
      Object.entries(metrics).flatMap(([metric, of]) => compare(subject, control, { metric, of })),
    ),
  );
}

function compare(
  subject: Compared,
  control: Compared,
  { metric, of }: { readonly metric: string; readonly of: Metric },
): ComparisonResult[] {
  const pairs = subject.rounds.flatMap((round) => {
    const other = control.rounds.find((each) => each.repeat === round.repeat);
    const [mine, its] = [of(round), other === undefined ? null : of(other)];
    return mine === null || its === null ? [] : [{ mine, its }];
  });
  if (pairs.length === 0) return [];
  const paired = pairedLogRatio(
    pairs.map(({ mine }) => mine),
    pairs.map(({ its }) => its),
  );
  const { low, high } = paired;
  return [
    {
      metric,
      subject: subject.name,
      control: control.name,
      ratio: significant(paired.ratio),
      low: significant(low),
      high: significant(high),
      significant: low !== null && (low > 1 || high < 1),
      pairs: paired.pairs,
    },
  ];
}

function percentile(q: number): Metric {
  return ({ toClaim }) =>
    supportedQuantile(q, toClaim.length) ? quantile(toClaim.toSorted(), q) : null;
}

function cost(name: CostName): Metric {
  return (round) => {
    const total = round.cost?.[name];
    return total === undefined || round.grants === 0 ? null : total / round.grants;
  };
}
