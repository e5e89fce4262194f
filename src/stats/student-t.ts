import { assert } from "../base/assert.ts";
import { incompleteBeta } from "./incomplete-beta.ts";

/**
 * The probability that Student's t with `degrees` of freedom (> 0) exceeds `t`. Source: Abramowitz and Stegun 26.7.1,
 * by the incomplete beta function.
 */
export function studentTail(t: number, degrees: number): number {
  assert(degrees > 0, `Student's t has degrees of freedom, not ${degrees}`);
  const beyond = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t >= 0 ? beyond : 1 - beyond;
}

/** The few quantiles that all intervals of a run share cost more than the rest of an interval. */
const known = new Map<string, number>();
const mostKnown = 1_000;

/** The value that t with `degrees` of freedom stays below with probability `p`, 0 < p < 1. */
export function studentQuantile(p: number, degrees: number): number {
  assert(p > 0 && p < 1, `a probability lies between 0 and 1, not at ${p}`);
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  const key = `${p} ${degrees}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const quantile = upperQuantile(1 - p, degrees);
  if (known.size < mostKnown) known.set(key, quantile);
  return quantile;
}

/** The value that t exceeds with probability `tail`, at most a half. */
function upperQuantile(tail: number, degrees: number): number {
  let high = 1;
  while (studentTail(high, degrees) > tail) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  // Halving a double's 53 bits ends; the tail falls steadily, so the answer stays between the two.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (studentTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return high;
}
