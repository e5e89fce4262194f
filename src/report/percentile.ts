import { milliseconds, notAvailable } from "./number.ts";
import type { LatencyResult } from "./result.ts";

/** The percentiles of a latency, by their names in result.json. */
export const percentiles = [
  { name: "p50", quantile: 0.5 },
  { name: "p90", quantile: 0.9 },
  { name: "p95", quantile: 0.95 },
  { name: "p99", quantile: 0.99 },
  { name: "p999", quantile: 0.999 },
] as const;
export type PercentileName = (typeof percentiles)[number]["name"];

/** `18.2 ms`, or how many samples would have been needed to say: `n/a (needs 368)`. */
export function percentileText(latency: LatencyResult, name: PercentileName): string {
  const value = latency[name];
  if (value !== null) return milliseconds(value);
  const needed = samplesNeeded(quantileOf(name));
  return latency.count < needed
    ? `${notAvailable} (needs ${needed.toLocaleString("en-US")})`
    : notAvailable;
}

/** `p99.9` for people, `p999` in result.json. */
export function percentileLabel(name: PercentileName): string {
  return name === "p999" ? "p99.9" : name;
}

function quantileOf(name: PercentileName): number {
  return percentiles.find((percentile) => percentile.name === name)?.quantile ?? 1;
}

/**
 * The fewest samples with which a two-sided 95 % interval for the quantile exists without assuming a distribution:
 * the smallest n with q^n ≤ 0.025 (order statistics; David and Nagaraja, Order Statistics, 7.1). p95 72, p99 368,
 * p99.9 3,688.
 */
export function samplesNeeded(quantile: number): number {
  return Math.ceil(Math.log(0.025) / Math.log(quantile));
}
