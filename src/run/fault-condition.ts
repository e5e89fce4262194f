import { unreachable } from "../base/assert.ts";
import { waitUntil } from "../base/timer.ts";
import type { FaultContext } from "../chaos/fault.ts";
import type { FaultCondition } from "../scenario/scenario.ts";
import type { LoadTally } from "./load-tally.ts";

/** Asks for as long as the load lasts: it is the load's deadline that bounds the wait. */
const longestMs = 24 * 3_600_000;
const everyMs = 1;

export interface ConditionParts {
  readonly context: Pick<FaultContext, "control" | "application" | "bots">;
  readonly load: LoadTally;
}

/** Waits until the condition holds; false when the load ended first. */
export async function waitForCondition(
  condition: FaultCondition,
  parts: ConditionParts,
  signal: AbortSignal,
): Promise<boolean> {
  // A server that cannot be asked just now, because another fault has it, does not hold the condition.
  const isHeld = (): Promise<boolean> => holds(condition, parts).catch(() => false);
  return (await waitUntil(isHeld, { ms: longestMs, everyMs, signal })) && !signal.aborted;
}

async function holds(
  condition: FaultCondition,
  { context, load }: ConditionParts,
): Promise<boolean> {
  switch (condition.kind) {
    case "claims-in-flight":
      return load.inFlight >= condition.claims;
    case "idle":
      return load.idle >= context.bots;
    case "mid-transaction":
      return await isSeen(context, "backend_xid IS NOT NULL");
    case "waiting-for-lock":
      return await isSeen(context, "wait_event_type = 'Lock'");
    default:
      return unreachable(condition);
  }
}

async function isSeen(
  { control, application }: ConditionParts["context"],
  condition: string,
): Promise<boolean> {
  const rows = await control.query(
    `SELECT FROM pg_stat_activity WHERE starts_with(application_name, $1) AND ${condition} LIMIT 1`,
    [application],
  );
  return rows.length > 0;
}
