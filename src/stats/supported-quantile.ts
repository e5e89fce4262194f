import { assert } from "../base/assert.ts";

/**
 * Whether `count` samples are enough to say anything about the q-quantile of what they were drawn from. Below that
 * number even the whole range from the smallest to the largest sample does not hold the quantile with 95 % confidence.
 */
export function supportedQuantile(q: number, count: number): boolean {
  return count >= minimumSamples(q);
}

/**
 * The least number of samples with a two-sided, distribution-free 95 % bound on the q-quantile (0 < q < 1).
 *
 * All n samples lie below the quantile with probability qⁿ, and all above it with (1 − q)ⁿ; the larger of the two must
 * not exceed 2.5 %, so n ≥ ln 0.025 / ln max(q, 1 − q): 6 for the median, 36 for p90, 72 for p95, 368 for p99, 3,688
 * for p99.9. Source: order statistics as bounds on a quantile, Conover, "Practical Nonparametric Statistics", 3rd
 * edition, section 3.2.
 */
export function minimumSamples(q: number): number {
  assert(q > 0 && q < 1, `a quantile with a bound lies between 0 and 1, not at ${q}`);
  return Math.ceil(Math.log(0.025) / Math.log(Math.max(q, 1 - q)));
}
