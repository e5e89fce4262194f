import { confidenceText } from "../plan/describe.ts";
import { usualConfidence } from "../stats/interval.ts";
import { notAvailable, ratio } from "./number.ts";
import type { ComparisonResult } from "./result.ts";

/** Names for people of the metrics that are compared. */
const metricNames: Readonly<Record<string, string>> = {
  claimsPerSecond: "claims/s",
  "latencyMs.toClaim.p50": "p50 to claim",
  "latencyMs.toClaim.p99": "p99 to claim",
  "costPerClaim.walBytes": "WAL bytes per claim",
  "costPerClaim.statements": "statements per claim",
  "costPerClaim.roundTrips": "round trips per claim",
  "costPerClaim.buffers": "buffers per claim",
};

/** A metric of result.json in words; one nobody named is shown by its path. */
export function metricName(metric: string): string {
  return metricNames[metric] ?? metric;
}

/** "95 %": how sure the intervals of a result's comparisons are. */
export function intervalsText(comparisons: readonly ComparisonResult[]): string {
  return confidenceText(comparisons[0]?.confidence ?? usualConfidence);
}

/** Whether the text of the comparison is led by `~`. */
export function isUnclear({ ratio: point, significant }: ComparisonResult): boolean {
  return point !== null && !significant;
}

/**
 * `2.97× [2.60–3.39]`: subject divided by control, with its interval. A difference that lies inside the interval is
 * led by `~`, as benchstat does: no difference was shown, which is not the same as there being none.
 */
export function ratioText(comparison: ComparisonResult): string {
  // A round of zero, a queue that stood still, has no ratio to anything.
  if (comparison.ratio === null) {
    return comparison.pairs > 0 ? `${notAvailable} (a round is zero)` : notAvailable;
  }
  const point = `${ratio(comparison.ratio)}×`;
  if (comparison.low === null || comparison.high === null) {
    return `~ ${point} (${comparison.pairs === 1 ? "one pair" : "too few pairs"}, no interval)`;
  }
  const text = `${point} [${ratio(comparison.low)}–${ratio(comparison.high)}]`;
  return comparison.significant ? text : `~ ${text}`;
}
