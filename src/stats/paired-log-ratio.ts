import { assert } from "../base/assert.ts";
import { logarithms } from "./geometric-mean.ts";
import { meanInterval, noInterval } from "./interval.ts";
import type { Interval } from "./interval.ts";

/** How much larger one side is than the other. */
export type PairedRatio = {
  /** The geometric mean of the ratios; null where it cannot be told. */
  readonly ratio: number | null;
  readonly pairs: number;
} & Interval;

/**
 * a / b over paired rounds: exp of the mean of ln(aᵢ / bᵢ), with the t interval (95 %, or `confidence`) taken on the logs. What slows
 * both rounds of a pair alike cancels out, which is why rounds are paired; under a true ratio of 1 the interval
 * of 95 % excludes 1 in about 5 % of runs, where tests on unpaired or pooled samples are wrong several times as often.
 *
 * With one pair there is a ratio and no interval; with none, or with a number that is not above zero (a round that
 * stalled has no ratio, and leaving it out would flatter its side), neither. Unequal lengths are a broken invariant.
 */
export function pairedLogRatio(
  a: readonly number[],
  b: readonly number[],
  confidence?: number,
): PairedRatio {
  assert(a.length === b.length, `paired rounds come in pairs, not ${a.length} and ${b.length}`);
  const pairs = a.length;
  const [logsA, logsB] = [logarithms(a), logarithms(b)];
  if (pairs === 0 || logsA === undefined || logsB === undefined) {
    return { ratio: null, pairs, ...noInterval };
  }
  const { mean, low, high } = meanInterval(
    logsA.map((log, i) => log - (logsB[i] as number)),
    confidence,
  );
  const ratio = mean === null ? null : Math.exp(mean);
  if (low === null) return { ratio, pairs, ...noInterval };
  return { ratio, pairs, low: Math.exp(low), high: Math.exp(high) };
}
