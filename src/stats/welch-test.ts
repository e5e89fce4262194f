import { studentTail } from "./student-t.ts";

/** What sums of some hundred doubles may lose, relative to their size, with much to spare. */
const rounding = 1e-12;

/**
 * The two-sided probability of means so far apart if the two samples were drawn from the same mean (B. L. Welch,
 * Biometrika 34, 1947). Both samples have at least two values. Samples without any scatter differ for certain, or not
 * at all; means that differ by the rounding of doubles only do not.
 */
export function welchTest(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [meanAndVariance(a), meanAndVariance(b)];
  const difference = Math.abs(one.mean - other.mean);
  if (difference <= rounding * Math.max(Math.abs(one.mean), Math.abs(other.mean))) return 1;
  const variance = one.ofMean + other.ofMean;
  if (variance === 0) return 0;
  const t = difference / Math.sqrt(variance);
  return 2 * studentTail(t, welchDegrees(one, other));
}

export interface MeanAndVariance {
  readonly mean: number;
  /** The variance of the mean, s²/n; NaN for one value. */
  readonly ofMean: number;
  readonly count: number;
}

export function meanAndVariance(values: readonly number[]): MeanAndVariance {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, ofMean: squares / (count - 1) / count, count };
}

/** Degrees of freedom of the difference of two means, by Satterthwaite (1946); some scatter is presumed. */
export function welchDegrees(one: MeanAndVariance, other: MeanAndVariance): number {
  // In parts of the whole: the squares of small variances would be zero.
  const part = one.ofMean / (one.ofMean + other.ofMean);
  return 1 / (part ** 2 / (one.count - 1) + (1 - part) ** 2 / (other.count - 1));
}
