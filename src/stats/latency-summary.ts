import { assert } from "../base/assert.ts";
import { quantile } from "./quantile.ts";
import { supportedQuantile } from "./supported-quantile.ts";

/** Milliseconds. A percentile is null below the number of samples that supports it, everything where there are none. */
export interface LatencySummary {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly count: number;
}

/**
 * Sums latencies up. Samples of all bots and rounds go in together: percentiles are never averaged. A sample that is
 * negative or not finite cannot come from a monotonic clock and is a broken invariant.
 */
export function latencySummary(samplesMs: ArrayLike<number>): LatencySummary {
  const sorted = Float64Array.from(samplesMs).toSorted();
  const count = sorted.length;
  // Sorting puts what is negative first and NaN last, so that the two ends tell of all samples.
  const sound = count === 0 || ((sorted[0] as number) >= 0 && Number.isFinite(sorted[count - 1]));
  assert(sound, "latencies are finite and not negative");
  const percentile = (q: number): number | null =>
    supportedQuantile(q, count) ? quantile(sorted, q) : null;
  return {
    p50: percentile(0.5),
    p90: percentile(0.9),
    p95: percentile(0.95),
    p99: percentile(0.99),
    p999: percentile(0.999),
    max: sorted.at(-1) ?? null,
    mean: count === 0 ? null : sorted.reduce((sum, ms) => sum + ms, 0) / count,
    count,
  };
}
