import { logarithms } from "./geometric-mean.ts";
import { noInterval } from "./interval.ts";
import type { Interval } from "./interval.ts";
import { studentQuantile } from "./student-t.ts";
import { meanAndVariance, welchDegrees } from "./welch-test.ts";

/** How much larger one side is than the other, from samples that belong to no pairs. */
export type UnpairedRatio = { readonly ratio: number | null } & Interval;

/**
 * a / b as the ratio of geometric means, with Welch's 95 % t interval on the logs (B. L. Welch, Biometrika 34, 1947;
 * degrees of freedom by Satterthwaite). Unlike a paired ratio it knows nothing of what slowed both sides alike: samples
 * that were not taken side by side scatter less within a side than between the sides, and the interval is then too
 * narrow.
 *
 * Without a number on one side, or with one that is not above zero, there is no ratio; with one number on a side there
 * is a ratio and no interval.
 */
export function unpairedLogRatio(a: readonly number[], b: readonly number[]): UnpairedRatio {
  const [logsA, logsB] = [logarithms(a), logarithms(b)];
  if (!logsA?.length || !logsB?.length) return { ratio: null, ...noInterval };
  const [one, other] = [meanAndVariance(logsA), meanAndVariance(logsB)];
  const difference = one.mean - other.mean;
  const ratio = Math.exp(difference);
  const variance = one.ofMean + other.ofMean;
  if (Number.isNaN(variance)) return { ratio, ...noInterval };
  // All samples of both sides alike, as exact counts are: the ratio is what it is.
  if (variance === 0) return { ratio, low: ratio, high: ratio };
  const half = studentQuantile(0.975, welchDegrees(one, other)) * Math.sqrt(variance);
  return { ratio, low: Math.exp(difference - half), high: Math.exp(difference + half) };
}
