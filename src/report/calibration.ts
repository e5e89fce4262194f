import { compareRounds } from "./comparisons.ts";
import type { Compared } from "./comparisons.ts";
import { significant } from "./measure/significant.ts";
import type { RunResult } from "./result.ts";

type Calibration = NonNullable<RunResult["calibration"]>;

/**
 * A strategy against itself (A/A): the truth is a ratio of 1, so the interval is what this machine adds, and half its width
 * is the least difference that as many rounds can tell. Null where the plan has no strategy play twice a repeat.
 */
export function calibrate(compared: readonly Compared[]): Calibration | null {
  const played = compared.find(({ rounds }) => rounds.some(({ isTwin }) => isTwin));
  if (played === undefined) return null;
  const self = { ...played, rounds: played.rounds.filter(({ isTwin }) => !isTwin) };
  const twin = { ...played, rounds: played.rounds.filter(({ isTwin }) => isTwin) };
  const metrics = compareRounds(self, twin).map(({ metric, ratio, low, high, pairs }) => ({
    metric,
    ratio,
    low,
    high,
    pairs,
    resolution: low === null || high === null ? null : significant(Math.sqrt(high / low) - 1),
  }));
  return { strategy: played.name, metrics };
}
