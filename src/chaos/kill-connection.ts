import type { PoolClient } from "pg";
import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** How long a bot is waited for before another is tried, and how many are tried. */
const ambushMs = 150;
const ambushes = 3;

export const killConnection = faultKind({
  summary: "terminates a bot's backend, in the middle of a transaction or at any moment",
  moment: "instant",
  settings: z.object({
    when: z
      .enum(["mid-transaction", "any"])
      .default("mid-transaction")
      .describe("mid-transaction: the backend has changed rows and not committed"),
  }),
  create({ when }, context) {
    return {
      inject: () => (when === "any" ? killAny(context) : killMidTransaction(context)),
      // Each ambush ends with its own transaction; a bot reconnects by itself.
      heal: async () => undefined,
    };
  },
});

async function killAny(context: FaultContext): Promise<Injection> {
  const backends = await context.control.query(
    "SELECT pid FROM pg_stat_activity WHERE starts_with(application_name, $1) ORDER BY pid",
    [context.application],
  );
  const pid = context.random.pick(backends)?.["pid"];
  if (pid === undefined) return { outcome: "missed", note: "no bot was connected" };
  return await terminate(context, Number(pid));
}

/**
 * A claim takes a fraction of a millisecond, so a kill at a random moment almost never lands inside it. So one waits
 * in ambush: it locks a bot's row, which every claim and settle of that bot writes after it has changed the job's
 * row, sees its backend wait there, terminates it, and lets the row go.
 *
 * ```
 *   ambush  ── lock bots row 3 ───────────── sees 4711 wait ── terminate 4711 ── roll back
 *   bot 3         UPDATE jobs … UPDATE bots ░░░ waits ░░░░░░░░░░░░ † its change to jobs is undone
 * ```
 *
 * For a strategy whose statements commit one by one, the backend dies between two of them: the job is marked and
 * the bot is not told.
 */
async function killMidTransaction(context: FaultContext): Promise<Injection> {
  const everybody = Array.from({ length: context.bots }, (_, index) => index + 1);
  const victims = context.random.shuffle(everybody).slice(0, ambushes);
  for (const bot of victims) {
    if (context.signal.aborted) break;
    const injection = await context.control.withConnection((client) =>
      ambush(context, client, bot),
    );
    if (injection.outcome === "hit") return injection;
  }
  return { outcome: "missed", note: `${victims.length} bots were waited for; none wrote its row` };
}

async function ambush(context: FaultContext, client: PoolClient, bot: number): Promise<Injection> {
  await client.query("BEGIN");
  await client.query(`SET LOCAL lock_timeout = '${ambushMs}ms'`);
  try {
    await client.query("SELECT FROM bots WHERE id = $1 FOR UPDATE", [bot]);
  } catch {
    return { outcome: "missed", note: `bot ${bot}'s row is locked by another` };
  }
  const own = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  let blocked: number | undefined;
  const seen = async (): Promise<boolean> => {
    blocked = await blockedBy(context, own.rows[0]?.pid ?? 0);
    return blocked !== undefined;
  };
  if (
    !(await waitUntil(seen, { ms: ambushMs, everyMs: 1, signal: context.signal })) ||
    blocked === undefined
  ) {
    return { outcome: "missed", note: `bot ${bot} wrote nothing for ${ambushMs} ms` };
  }
  return await terminate(context, blocked);
}

async function blockedBy(context: FaultContext, pid: number): Promise<number | undefined> {
  const rows = await context.control.query(
    `SELECT pid FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND starts_with(application_name, $1) AND $2 = ANY (pg_blocking_pids(pid))
      LIMIT 1`,
    [context.application, pid],
  );
  const blocked = rows[0]?.["pid"];
  return blocked === undefined ? undefined : Number(blocked);
}

/** The backend is gone when this returns, so that what it had not committed is undone. */
async function terminate(context: FaultContext, pid: number): Promise<Injection> {
  const aim = `backend ${pid}`;
  const rows = await context.control.query(
    `SELECT application_name, state, pg_terminate_backend(pid) AS signalled
       FROM pg_stat_activity WHERE pid = $1 AND starts_with(application_name, $2)`,
    [pid, context.application],
  );
  const [backend] = rows;
  if (backend?.["signalled"] !== true) return { outcome: "missed", aim, note: "it had ended" };
  const gone = async (): Promise<boolean> => {
    const left = await context.control.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid]);
    return left.length === 0;
  };
  const ended = await waitUntil(gone, { ms: 1000, everyMs: 1 });
  const slot = String(backend["application_name"]).split("-").at(-1);
  const note = `connection ${slot}, ${String(backend["state"])}`;
  return ended ? { outcome: "hit", aim, note } : { outcome: "missed", aim, note: "it did not end" };
}
