import type { RoundEvidence } from "../../checks/check.ts";
import type { ClaimDetail, EventType } from "../../history/event.ts";
import { NumberMap } from "../../history/number-map.ts";

/** How the claims of a round ended, drain included; the outcomes shut each other out. */
export interface ClaimCounts {
  granted: number;
  empty: number;
  conflicts: number;
  failed: number;
  unknown: number;
}

/**
 * Lost to another bot, and worth trying again at once: serialization failure, deadlock, lock not available
 * (PostgreSQL's manual, appendix A), and what the claim service writes where a step found its row taken.
 */
const conflictCodes: ReadonlySet<string> = new Set(["40001", "40P01", "55P03", "LOST-RACE"]);

/**
 * Adds the claims of a round to the counts. A claim that granted several jobs at once is as many grants; one whose
 * answer was lost is unknown, and a grant as well where the bot was told of it later.
 */
export function countClaims({ operations, events }: RoundEvidence, counts: ClaimCounts): void {
  const doubts = new NumberMap();
  for (let operation = 0; operation < operations.length; operation++) {
    const op = operations.op(operation);
    const outcome = operations.outcome(operation);
    const bot = operations.bot(operation);
    if (op === "resume" && outcome === "ok" && doubts.get(bot) === 1) counts.granted++;
    if (op !== "claim" && (op !== "resume" || !settlesDoubt.has(outcome))) continue;
    doubts.set(bot, op === "claim" && outcome === "unknown" ? 1 : 0);
    if (op === "resume") continue;
    const complete = operations.complete(operation);
    if (outcome === "ok") {
      counts.granted += grantsOf(events.detail(complete) as ClaimDetail | undefined);
    } else if (outcome === "empty") counts.empty++;
    else if (outcome !== "failed") counts.unknown++;
    else if (isConflict(events.code(complete))) counts.conflicts++;
    else counts.failed++;
  }
}

/** A bot that is told what it holds, or that it holds nothing, knows. */
const settlesDoubt: ReadonlySet<EventType> = new Set<EventType>(["ok", "empty"]);

export function noClaims(): ClaimCounts {
  return { granted: 0, empty: 0, conflicts: 0, failed: 0, unknown: 0 };
}

export function isConflict(code: string | undefined): boolean {
  return code !== undefined && conflictCodes.has(code);
}

function grantsOf(detail: ClaimDetail | undefined): number {
  return 1 + (detail?.more?.length ?? 0);
}
