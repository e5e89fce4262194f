import { minimumSamples } from "../stats/supported-quantile.ts";
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
  const needed = minimumSamples(quantileOf(name));
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
