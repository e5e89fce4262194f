import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { Ambush } from "./ambush.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** The server looks for a deadlock after its `deadlock_timeout`, a second by default. */
const deadlockMs = 2_500;
/** The bot's claim has a lock on one of so many of the oldest jobs. */
const candidates = 20;
/** Jobs of other bots that are had before the right one. */
const mostJobs = 10;

/**
 * Another service locks a bot's row first and then its job, where claims lock the job first:
 *
 * ```
 *   bot 3     lock job 9 ────────── wants bots row 3 ░░░░░░░░░░░░░ † 40P01
 *   partner   lock bots row 3 ───── wants job 9 ░░░░░░░░░░░░░░░░░░ has it
 * ```
 *
 * The bot is always the victim, because its wait is the older one and the partner never looks for a deadlock itself.
 */
export const deadlockPartner = faultKind({
  summary: "locks bots and jobs in the other order, so that a bot is the victim of a deadlock",
  moment: "instant",
  settings: z.object({}),
  create: (_settings, context) => ({
    inject: () => Ambush.anywhere(context, (ambush) => closeCircle(context, ambush)),
    // An ambush ends with its own transaction.
    heal: async () => undefined,
  }),
});

/** Other bots have jobs locked, too, for a moment: one of theirs is had at once, and then the next is tried. */
async function closeCircle(context: FaultContext, ambush: Ambush): Promise<Injection> {
  const aim = `bot ${ambush.bot}, backend ${ambush.blocked}`;
  const had: string[] = [];
  await ambush.client.query("SET LOCAL deadlock_timeout = '1min'; SET LOCAL lock_timeout = 0");
  while (had.length < mostJobs) {
    const job = await jobLockedFor(context, ambush.bot, had);
    if (job === undefined) return { outcome: "missed", aim, note: "it had no job locked" };
    const end = await waitFor(context, ambush, job);
    if (end === "victim") return { outcome: "hit", aim, note: `job ${job}` };
    if (end === "late") break;
    had.push(job);
  }
  return { outcome: "missed", aim, note: "no deadlock came of it" };
}

/**
 * As long as the ambush has the bot's row, nothing but an error ends the bot's wait for it: the bot that waits no more
 * was the victim.
 */
async function waitFor(
  context: FaultContext,
  ambush: Ambush,
  job: string,
): Promise<"victim" | "had" | "late"> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  await ambush.client.query("SAVEPOINT before");
  const taking = ambush.client
    .query("SELECT FROM jobs WHERE id = $1 FOR UPDATE", [job])
    .then(over, over);
  const isSettled = async (): Promise<boolean> => isOver || !(await ambush.isBlocking());
  const inTime = await waitUntil(isSettled, { ms: deadlockMs, everyMs: 5 });
  if (!inTime) await context.control.query("SELECT pg_cancel_backend($1)", [ambush.pid]);
  await taking;
  if (!inTime) return "late";
  if (!(await ambush.isBlocking())) return "victim";
  await ambush.client.query("ROLLBACK TO SAVEPOINT before");
  return "had";
}

/**
 * The job that the waiting bot has changed and not committed: its own, else one of the oldest that cannot be locked.
 * One is tried at a time, each in a transaction of its own: claims pass over what is locked, and must not find the head
 * of the queue empty for the sake of a look at it.
 */
async function jobLockedFor(
  { control }: FaultContext,
  bot: number,
  had: readonly string[],
): Promise<string | undefined> {
  const near = await control.query(
    `SELECT id FROM jobs WHERE (claimed_by = $1 OR status = 'pending') AND id <> ALL ($2::bigint[])
      ORDER BY claimed_by IS NOT DISTINCT FROM $1 DESC, created_at, id LIMIT ${candidates}`,
    [bot, had],
  );
  for (const { id } of near) {
    const lock = "SELECT FROM jobs WHERE id = $1 FOR UPDATE SKIP LOCKED";
    if ((await control.query(lock, [id])).length === 0) return String(id);
  }
  return undefined;
}
