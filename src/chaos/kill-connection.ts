import { z } from "zod";
import { waitUntil } from "../base/timer.ts";
import { Ambush } from "./ambush.ts";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";
import { listening } from "./listening.ts";

/** How long a backend in the wanted state is looked for. */
const lookMs = 1_000;
const goneMs = 1_000;

/**
 * What a victim looks like in the catalog. A claim lasts a fraction of a millisecond: a victim that was seen may have
 * moved on when it is struck, so the server itself compares the state again in the statement that strikes.
 */
const states = {
  any: "true",
  "idle-in-transaction": "state = 'idle in transaction'",
  "active-in-claim":
    "state = 'active' AND query ~* '\\mjobs\\M' AND query ~* '\\m(claimed|for update)\\M'",
  "waiting-for-lock": "wait_event_type = 'Lock'",
  "holding-advisory-lock":
    "EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_stat_activity.pid AND l.locktype = 'advisory' AND l.granted)",
  listening,
} as const;

const stateNames = [
  "mid-transaction",
  "any",
  "idle-in-transaction",
  "active-in-claim",
  "waiting-for-lock",
  "holding-advisory-lock",
  "listening",
] as const;

type Action = "terminate" | "cancel";

export const killConnection = faultKind({
  summary: "terminates a bot's backend, or cancels its statement, in a state it is seen in",
  moment: "instant",
  needs: ["terminate-backends"],
  settings: z.object({
    state: z
      .enum(stateNames)
      .default("mid-transaction")
      .describe(
        "mid-transaction: the backend has changed rows and not committed; listening: it is the one that tells bots of jobs",
      ),
    action: z
      .enum(["terminate", "cancel"])
      .default("terminate")
      .describe("cancel: only the statement ends, with 57014, and the connection stays"),
  }),
  create: ({ state, action }, context) => ({
    inject: () =>
      state === "mid-transaction"
        ? strikeMidTransaction(context, action)
        : strikeSeen(context, states[state], action),
    // Each ambush ends with its own transaction; a bot reconnects by itself.
    heal: async () => undefined,
  }),
});

/**
 * For a strategy whose statements commit one by one, the backend dies between two of them: the job is marked and
 * the bot is not told.
 */
async function strikeMidTransaction(context: FaultContext, action: Action): Promise<Injection> {
  return await Ambush.anywhere(context, async (ambush) => {
    const struck = await strike(context, { action, where: "true", pid: ambush.blocked });
    if (struck.outcome !== "hit" || action === "terminate") return struck;
    // As long as the ambush has the bot's row, only the cancel can have ended its wait.
    const isOver = async (): Promise<boolean> => !(await ambush.isBlocking());
    if (await waitUntil(isOver, { ms: goneMs, everyMs: 1 })) return struck;
    return { ...struck, outcome: "missed", note: "its statement went on" };
  });
}

/** Looks for a victim until one is struck in the wanted state. */
async function strikeSeen(
  context: FaultContext,
  where: string,
  action: Action,
): Promise<Injection> {
  const before = context.told.withCode(cancelled);
  let struck: Injection = { outcome: "missed", note: "no bot was seen in that state" };
  const isStruck = async (): Promise<boolean> => {
    struck = await strike(context, { action, where });
    return struck.outcome === "hit";
  };
  const isHit = await waitUntil(isStruck, { ms: lookMs, everyMs: 1, signal: context.signal });
  if (!isHit || action === "terminate") return struck;
  const isTold = (): boolean => context.told.withCode(cancelled) > before;
  if (await waitUntil(isTold, { ms: goneMs, everyMs: 2, signal: context.signal })) return struck;
  return { ...struck, outcome: "missed", note: "its statement had ended" };
}

const cancelled = "57014";

interface Strike {
  readonly action: Action;
  /** A condition on pg_stat_activity. */
  readonly where: string;
  /** Absent: any backend of a bot. */
  readonly pid?: number;
}

/** One backend of a bot that meets the condition as it is struck. A terminated one is gone when this returns. */
async function strike(
  context: FaultContext,
  { action, where, pid: wanted }: Strike,
): Promise<Injection> {
  // Ordered by a draw of the seed: the same backend is not the victim every time.
  const rows = await context.control.query(
    `SELECT pid, application_name, state, pg_${action}_backend(pid) AS signalled FROM (
       SELECT * FROM pg_stat_activity
        WHERE starts_with(application_name, $1) AND ($2::int IS NULL OR pid = $2) AND ${where}
        ORDER BY hashint4extended(pid, $3) LIMIT 1) AS pg_stat_activity`,
    [context.application, wanted ?? null, context.random.integer(2 ** 31)],
  );
  const [backend] = rows;
  if (backend === undefined) return { outcome: "missed", note: "no bot was seen in that state" };
  const pid = Number(backend["pid"]);
  const aim = `backend ${pid}`;
  const slot = String(backend["application_name"]).split("-").at(-1);
  const note = `connection ${slot}, ${String(backend["state"])}`;
  if (backend["signalled"] !== true) return { outcome: "missed", aim, note: "it had ended" };
  if (action === "cancel" || (await isGone(context, pid))) return { outcome: "hit", aim, note };
  return { outcome: "missed", aim, note: "it did not end" };
}

async function isGone({ control }: FaultContext, pid: number): Promise<boolean> {
  const gone = async (): Promise<boolean> => {
    const left = await control.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid]);
    return left.length === 0;
  };
  return await waitUntil(gone, { ms: goneMs, everyMs: 1 });
}
