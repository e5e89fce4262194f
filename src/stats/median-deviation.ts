import { median } from "./quantile.ts";

/** Below this there is nothing to tell a stray value by. */
const fewest = 6;

/**
 * How far each value lies from the median of all, in median absolute deviations; null with fewer than six values, or where
 * at least half of them are the same. Robust: up to half of the values may be strays without hiding each other
 * (Hampel, "The Influence Curve", 1974).
 */
export function medianDeviations(values: readonly number[]): readonly number[] | null {
  const middle = median(values);
  if (middle === null || values.length < fewest) return null;
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  if (deviation === null || deviation === 0) return null;
  return values.map((value) => Math.abs(value - middle) / deviation);
}
