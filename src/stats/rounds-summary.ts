import { assert } from "../base/assert.ts";
import { logarithms } from "./geometric-mean.ts";
import { meanInterval, noInterval } from "./interval.ts";
import type { Interval } from "./interval.ts";
import { median } from "./quantile.ts";

/** One quantity over the rounds of a strategy. */
export type RoundsSummary = { readonly median: number | null } & Interval;

/**
 * The median of one number per round, and a 95 % t interval. The interval is taken on the logarithms, as that of a
 * comparison is, because rates and times scatter by factors: so it never reaches below zero. With fewer than two
 * rounds, or a round of zero (which has no logarithm), there is no interval. NaN is a broken invariant: a round
 * without the number is left out by the caller, who knows what that means.
 */
export function summarizeRounds(samples: readonly number[]): RoundsSummary {
  assert(samples.every(Number.isFinite), "the samples of rounds are finite");
  const logs = logarithms(samples);
  const interval = logs === undefined ? noInterval : meanInterval(logs);
  const bounds =
    interval.low === null
      ? noInterval
      : { low: Math.exp(interval.low), high: Math.exp(interval.high) };
  return { median: median(samples), ...bounds };
}
