import { count, rate } from "./number.ts";
import type { StrategyResult } from "./result.ts";

/** What was measured beside the verdict, in one line; undefined where it was not. */
export function queueingText({ queueing }: StrategyResult): string | undefined {
  if (queueing === undefined || queueing.fifoInversion.max === null) return undefined;
  const { fifoInversion, fairness, conflictsPerClaim, startsPerJob } = queueing;
  return [
    `${rate(fifoInversion.mean)} passed over per claim (at most ${count(fifoInversion.max ?? 0)})`,
    `fairness ${rate(fairness)}`,
    `${rate(conflictsPerClaim)} conflicts per claim`,
    `${rate(startsPerJob)} starts per job`,
  ].join(", ");
}
