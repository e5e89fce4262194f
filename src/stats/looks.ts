import { assert } from "../base/assert.ts";

/**
 * Sequential stopping at fixed looks. Whoever looks after every round and stops when he likes what he sees finds a
 * difference where there is none several times as often as he says; with few looks, fixed before, each at a stricter
 * level, the whole sequence of them is wrong as often as one test at 5 %.
 *
 * ```
 *   rounds   6 ──── 10 ──── 16 ──── 24
 *   level    1.8 %  1.8 %   1.8 %   1.8 %     together 5 %
 * ```
 */
export interface Looks {
  /** After how many repeats there is a look, ascending; the last one is the end. */
  readonly after: readonly number[];
  /** Confidence of the intervals at each look, and of those that are reported: 0.9818 for four looks. */
  readonly confidence: number;
}

/** One look to the next: so much more evidence changes what can be told, and less would be a look for nothing. */
const growth = 1.6;

/**
 * Two-sided levels of each of 1, 2, 3 … looks for 5 % together (S. J. Pocock, "Group sequential methods in the design
 * and analysis of clinical trials", Biometrika 64, 1977). They are for looks at even distances; at ours, which grow, the
 * looks depend on each other less at first and more at last, which simulation shows to be the same within its error.
 */
const levels = [0.05, 0.0294, 0.0221, 0.0182, 0.0158, 0.0142, 0.013, 0.012, 0.0112, 0.0106];

export const mostLooks = levels.length;

/** 6 to 24 is looked at after 6, 10, 16 and 24. Undefined where `most` is too far from `least` for as many looks as have a level. */
export function fixedLooks(least: number, most: number): Looks | undefined {
  assert(least >= 2 && most >= least, `looks go from 2 rounds up, not from ${least} to ${most}`);
  const after: number[] = [];
  for (let next = least; next < most; next = Math.max(next + 1, Math.round(next * growth))) {
    after.push(next);
  }
  after.push(most);
  const level = levels[after.length - 1];
  return level === undefined ? undefined : { after, confidence: 1 - level };
}
