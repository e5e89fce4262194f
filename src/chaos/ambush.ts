import type { PoolClient } from "pg";
import { waitUntil } from "../base/timer.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** How long a bot is waited for before another is tried, and how many are tried. */
const ambushMs = 150;
const ambushes = 5;

/**
 * A claim takes a fraction of a millisecond, so a fault at a random moment almost never lands inside it. So one waits
 * in ambush: it locks a bot's row, which every claim and settle of that bot writes after it has changed the job's
 * row, and sees its backend wait there.
 *
 * ```
 *   ambush  ── lock bots row 3 ───────────── sees 4711 wait ── strikes ── roll back
 *   bot 3         UPDATE jobs … UPDATE bots ░░░ waits ░░░░░░░░░
 * ```
 */
export class Ambush {
  readonly client: PoolClient;
  readonly bot: number;
  /** The backend of the ambush itself. */
  readonly pid: number;
  readonly #context: FaultContext;
  #blocked = 0;

  private constructor(
    context: FaultContext,
    at: { readonly client: PoolClient; readonly bot: number; readonly pid: number },
  ) {
    this.#context = context;
    this.client = at.client;
    this.bot = at.bot;
    this.pid = at.pid;
  }

  /** The bot's backend that waits. */
  get blocked(): number {
    return this.#blocked;
  }

  /** Lies in wait for a few bots, one after the other, until `strike` hits. The row is let go when it returns. */
  static async anywhere(
    context: FaultContext,
    strike: (ambush: Ambush) => Promise<Injection>,
  ): Promise<Injection> {
    const everybody = Array.from({ length: context.bots }, (_, index) => index + 1);
    const victims = context.random.shuffle(everybody).slice(0, ambushes);
    const missed: string[] = [];
    for (const bot of victims) {
      if (context.signal.aborted) break;
      const injection = await context.control.withConnection((client) =>
        Ambush.#lie(context, { client, bot }, strike),
      );
      if (injection.outcome === "hit") return injection;
      if (injection.note !== undefined) missed.push(injection.note);
    }
    return { outcome: "missed", note: missed.join("; ") || "the load was over" };
  }

  static async #lie(
    context: FaultContext,
    { client, bot }: { readonly client: PoolClient; readonly bot: number },
    strike: (ambush: Ambush) => Promise<Injection>,
  ): Promise<Injection> {
    await client.query("BEGIN");
    await client.query(`SET LOCAL lock_timeout = '${ambushMs}ms'`);
    try {
      await client.query("SELECT FROM bots WHERE id = $1 FOR UPDATE", [bot]);
    } catch {
      return { outcome: "missed", note: `bot ${bot}'s row is locked by another` };
    }
    const own = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const ambush = new Ambush(context, { client, bot, pid: own.rows[0]?.pid ?? 0 });
    const seen = (): Promise<boolean> => ambush.isBlocking();
    if (!(await waitUntil(seen, { ms: ambushMs, everyMs: 1, signal: context.signal }))) {
      return { outcome: "missed", note: `bot ${bot} wrote nothing for ${ambushMs} ms` };
    }
    return await strike(ambush);
  }

  /** Whether a bot's backend waits for the ambush; `blocked` is then which. */
  async isBlocking(): Promise<boolean> {
    const rows = await this.#context.control.query(
      `SELECT pid FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND starts_with(application_name, $1) AND $2 = ANY (pg_blocking_pids(pid))
        LIMIT 1`,
      [this.#context.application, this.pid],
    );
    const pid = rows[0]?.["pid"];
    if (pid !== undefined) this.#blocked = Number(pid);
    return pid !== undefined;
  }
}
