import { count, milliseconds, rate } from "./number.ts";
import type { LatencyResult, StrategyResult } from "./result.ts";

/** What was measured beside the verdict, in one line; undefined where it was not. */
export function queueingText({ queueing, latencyMs }: StrategyResult): string | undefined {
  if (queueing === undefined || queueing.fifoInversion.max === null) return undefined;
  const { fifoInversion, fairness, conflictsPerClaim, startsPerJob } = queueing;
  return [
    `${rate(fifoInversion.mean)} passed over per claim (at most ${count(fifoInversion.max ?? 0)})`,
    `fairness ${rate(fairness)}`,
    `${rate(conflictsPerClaim)} conflicts per claim`,
    `${rate(startsPerJob)} starts per job`,
    ...pickUpText(latencyMs.pickUp),
  ].join(", ");
}

function pickUpText(pickUp: LatencyResult | undefined): readonly string[] {
  if (pickUp === undefined) return [];
  const { p50, max } = pickUp;
  return [`new jobs picked up after ${milliseconds(p50)} (median), at most ${milliseconds(max)}`];
}
