import { studentQuantile } from "./student-t.ts";

/** A two-sided interval, of 95 % where nothing else is said. Both null where fewer than two numbers leave nothing to judge the spread by. */
export type Interval =
  | { readonly low: number; readonly high: number }
  | { readonly low: null; readonly high: null };

export const noInterval: Interval = { low: null, high: null };

export const usualConfidence = 0.95;

/** The mean of the numbers and its two-sided t interval, mean ± t · s / √n (Student, 1908). */
export function meanInterval(
  values: readonly number[],
  confidence = usualConfidence,
): { mean: number | null } & Interval {
  const count = values.length;
  if (count === 0) return { mean: null, ...noInterval };
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, ...noInterval };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  const half = studentQuantile((1 + confidence) / 2, count - 1) * standardError;
  return { mean, low: mean - half, high: mean + half };
}
