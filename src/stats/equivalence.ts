import { assert } from "../base/assert.ts";
import type { Interval } from "./interval.ts";

export type Equivalence = "better" | "same" | "worse" | "inconclusive";

export interface Margin {
  /** How large a difference does not matter: 0.05 means up to 5 % more, or its reciprocal less. */
  readonly margin: number;
  /** Which way is good: `higher` for rates, `lower` for times and costs. */
  readonly better: "higher" | "lower";
}

/**
 * Decides by the interval of a ratio (new / old): a difference only where the whole interval lies beyond the margin,
 * sameness only where it lies inside, as in the two one-sided tests of Schuirmann (1987). An interval that touches
 * both sides of a bound, or is missing, is inconclusive: more rounds can decide it.
 *
 * ```
 *            1/(1+m)     1      1+m
 *   ──[═══]────┼─────────┼───────┼──────────   worse    (where higher is better)
 *   ───────────┼───[═════════]───┼──────────   same
 *   ───────────┼─────────┼───[═══┼══]───────   inconclusive
 * ```
 */
export function equivalenceDecision(interval: Interval, { margin, better }: Margin): Equivalence {
  assert(margin > 0 && Number.isFinite(margin), `a margin is above zero, not ${margin}`);
  const { low, high } = interval;
  if (low === null || Number.isNaN(low) || Number.isNaN(high)) return "inconclusive";
  const [least, most] = [1 / (1 + margin), 1 + margin];
  if (low >= least && high <= most) return "same";
  if (low > most) return better === "higher" ? "better" : "worse";
  if (high < least) return better === "higher" ? "worse" : "better";
  return "inconclusive";
}
