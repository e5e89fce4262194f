import { equivalenceDecision } from "../stats/equivalence.ts";
import type { Margin } from "../stats/equivalence.ts";
import { usualConfidence } from "../stats/interval.ts";
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

interface Compare extends Margin {
  readonly metric: string;
  readonly of: Metric;
}

/** A median differs visibly at 5 %; a p99 of short rounds scatters twice as much. */
const usual = 0.05;
const tail = 0.1;

const metrics: readonly Compare[] = [
  {
    metric: "claimsPerSecond",
    of: (round) => round.claimsPerSecond,
    margin: usual,
    better: "higher",
  },
  { metric: "latencyMs.toClaim.p50", of: percentile(0.5), margin: usual, better: "lower" },
  { metric: "latencyMs.toClaim.p99", of: percentile(0.99), margin: tail, better: "lower" },
  { metric: "costPerClaim.walBytes", of: cost("walBytes"), margin: usual, better: "lower" },
  { metric: "costPerClaim.statements", of: cost("statements"), margin: usual, better: "lower" },
];

/** The numbers of a round by the metrics' names; what it has none of, or too few samples for, is left out. */
export function roundMetrics(round: RoundMeasurement): Record<string, number> {
  const numbers = metrics.map(({ metric, of }) => [metric, significant(of(round))] as const);
  return Object.fromEntries(numbers.filter(([, value]) => value !== null)) as Record<
    string,
    number
  >;
}

/**
 * Every subject against every control, by rounds of the same repeat; a metric that no pair of rounds has is left out. The
 * rounds that a calibration adds have no other of their repeat to be paired with.
 */
export function compareStrategies(
  strategies: readonly Compared[],
  confidence?: number,
): ComparisonResult[] {
  const own = strategies.map((each) => ({
    ...each,
    rounds: each.rounds.filter(({ isTwin }) => !isTwin),
  }));
  const subjects = own.filter((strategy) => strategy.role === "subject");
  const controls = own.filter((strategy) => strategy.role === "control");
  return subjects.flatMap((subject) =>
    controls.flatMap((control) => compareRounds(subject, control, confidence)),
  );
}

/** One side against the other, in every metric. */
export function compareRounds(
  subject: Compared,
  control: Compared,
  confidence: number = usualConfidence,
): ComparisonResult[] {
  return metrics.flatMap((metric) => compare(subject, control, { ...metric, confidence }));
}

/** Nothing where no pair of rounds has the metric. */
function compare(
  subject: Compared,
  control: Compared,
  compared: Compare & { readonly confidence: number },
): ComparisonResult[] {
  const { metric, of, margin, confidence } = compared;
  const pairs = subject.rounds.flatMap((round) => {
    const other = control.rounds.find((each) => each.repeat === round.repeat);
    const [mine, its] = [of(round), other === undefined ? null : of(other)];
    return mine === null || its === null ? [] : [{ mine, its }];
  });
  if (pairs.length === 0) return [];
  const paired = pairedLogRatio(
    pairs.map(({ mine }) => mine),
    pairs.map(({ its }) => its),
    confidence,
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
      decision: equivalenceDecision(paired, compared),
      margin,
      ...(confidence === usualConfidence ? {} : { confidence }),
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
