import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { Ambush } from "./ambush.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** What a bot may take beyond the server's `deadlock_timeout` until its transaction is seen to be over. */
const graceMs = 1_000;

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

/** Waits for what the bot has that waits for its row: the bot finds the circle when it looks for one. */
async function closeCircle(context: FaultContext, ambush: Ambush): Promise<Injection> {
  const { bot, blocked, pid, client } = ambush;
  const aim = `bot ${bot}, backend ${blocked}`;
  const changed = await changedBy(context, blocked);
  if (changed === undefined) return { outcome: "missed", aim, note: `bot ${bot} had no job` };
  await client.query("SET LOCAL deadlock_timeout = '1min'; SET LOCAL lock_timeout = 0");
  const waiting = client
    .query("SELECT FROM jobs WHERE id = $1 FOR UPDATE", [changed.job])
    .catch(() => undefined);
  const isVictim = await endsInTime(context, changed.xid);
  // The bot may have claimed the same job again, and wait again.
  await context.control.query("SELECT pg_cancel_backend($1)", [pid]);
  await waiting;
  if (isVictim) return { outcome: "hit", aim, note: `job ${changed.job}` };
  return { outcome: "missed", aim, note: `bot ${bot} had looked for a deadlock before` };
}

/**
 * Whether the bot's transaction ends. As the ambush has the bot's row all the while, it can only end by an error: the
 * bot was the victim. A bot looks for a circle once, its `deadlock_timeout` after it began to wait, so it finds none
 * that closes later.
 */
async function endsInTime({ control }: FaultContext, xid: string): Promise<boolean> {
  const timeout = "SELECT setting::int AS ms FROM pg_settings WHERE name = 'deadlock_timeout'";
  const [row] = await control.query(timeout);
  const isOver = async (): Promise<boolean> => {
    const open = "SELECT FROM pg_stat_activity WHERE backend_xid = $1::text::xid";
    return (await control.query(open, [xid])).length === 0;
  };
  return await waitUntil(isOver, { ms: Number(row?.["ms"]) + graceMs, everyMs: 5 });
}

interface Changed {
  readonly job: string;
  /** Of the transaction that has changed it. */
  readonly xid: string;
}

/**
 * The job that the waiting backend has changed and not committed: what everybody else still sees is the row as it was,
 * and that names the transaction that replaced it. Nothing is locked for the look: claims pass over what is locked, and
 * must not find the head of the queue empty for the sake of it.
 */
async function changedBy({ control }: FaultContext, backend: number): Promise<Changed | undefined> {
  const [row] = await control.query(
    `SELECT id::text AS job, xmax::text AS xid FROM jobs
      WHERE xmax = (SELECT backend_xid FROM pg_stat_activity WHERE pid = $1) LIMIT 1`,
    [backend],
  );
  return row === undefined ? undefined : { job: String(row["job"]), xid: String(row["xid"]) };
}
