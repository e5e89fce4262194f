import type { PoolClient } from "pg";
import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { Ambush } from "./ambush.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** The server looks for a deadlock after its `deadlock_timeout`, a second by default. */
const deadlockMs = 4_000;
/** The bot's claim has a lock on one of so many of the oldest jobs. */
const candidates = 200;

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

async function closeCircle(context: FaultContext, ambush: Ambush): Promise<Injection> {
  const { client, bot, blocked } = ambush;
  const aim = `bot ${bot}, backend ${blocked}`;
  const job = await jobLockedFor(client, bot);
  if (job === undefined) return { outcome: "missed", aim, note: "it had no job locked" };
  const taking = client.query("SELECT FROM jobs WHERE id = $1 FOR UPDATE", [job]);
  const taken = taking.then(
    () => true,
    () => false,
  );
  // As long as the ambush has the bot's row, nothing but an error ends the bot's wait for it.
  const isFree = async (): Promise<boolean> => !(await ambush.isBlocking());
  const isVictim = await waitUntil(isFree, { ms: deadlockMs, everyMs: 10 });
  if (!isVictim) {
    await context.control.query("SELECT pg_cancel_backend($1)", [ambush.pid]);
    await taken;
    return { outcome: "missed", aim, note: `no deadlock within ${deadlockMs} ms` };
  }
  await taken;
  return { outcome: "hit", aim, note: `job ${job}` };
}

/** The job that the waiting bot has changed and not committed: its own, else one of the oldest that cannot be locked. */
async function jobLockedFor(client: PoolClient, bot: number): Promise<string | undefined> {
  await client.query("SET LOCAL deadlock_timeout = '1min'; SET LOCAL lock_timeout = 0");
  const { rows } = await client.query<{ id: string }>(
    `WITH near AS MATERIALIZED (
       SELECT id FROM jobs WHERE claimed_by = $1 OR status = 'pending'
        ORDER BY claimed_by IS NOT DISTINCT FROM $1 DESC, created_at, id LIMIT ${candidates}),
     free AS MATERIALIZED (
       SELECT id FROM jobs WHERE id IN (SELECT id FROM near) FOR UPDATE SKIP LOCKED)
     SELECT id FROM near WHERE id NOT IN (SELECT id FROM free) LIMIT 1`,
    [bot],
  );
  return rows[0]?.id;
}
