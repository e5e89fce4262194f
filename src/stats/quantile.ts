import { assert } from "../base/assert.ts";

/**
 * The q-quantile of numbers sorted ascending, by linear interpolation between the two nearest: type 7 of Hyndman and
 * Fan, "Sample Quantiles in Statistical Packages" (1996), the default of R and NumPy. `q` is 0 to 1. Null where there
 * are no numbers. That they are sorted and finite is the caller's to ensure: looking would cost more than the answer.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  assert(q >= 0 && q <= 1, `a quantile lies between 0 and 1, not at ${q}`);
  if (sorted.length === 0) return null;
  const rank = (sorted.length - 1) * q;
  const below = Math.floor(rank);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (rank - below) * (high - low);
}

/** The median of numbers in any order; null where there are none. */
export function median(values: readonly number[]): number | null {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
