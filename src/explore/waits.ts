import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import { BotConnection } from "../service/bot-connection.ts";

/** Who of the bots waits for a lock, and for whom. */
export interface Waits {
  readonly blocked: ReadonlySet<number>;
  /** Some of them wait for each other: the server is about to end that. */
  readonly isDeadlock: boolean;
}

/** The function that PostgreSQL's own isolation tests ask; it is there since version 10, but not promised to anybody. */
const isBlocked = "pg_isolation_test_session_is_blocked";

/** Asks the server, in one round trip for all bots, which of their backends wait for another's lock. */
export class WaitWatch implements AsyncDisposable {
  readonly #connection: BotConnection;
  readonly #question: string;

  private constructor(connection: BotConnection, question: string) {
    this.#connection = connection;
    this.#question = question;
  }

  static async open(address: PostgresAddress, name: string): Promise<WaitWatch> {
    const connection = connectionTo(address, name);
    await connection.open();
    const mayAsk = await connection.query({ text: `SELECT ${isBlocked}(0, '{}')` }).then(
      () => true,
      () => false,
    );
    const waits = mayAsk ? `${isBlocked}(pid, $2)` : "pg_blocking_pids(pid) && $2::int[]";
    // For whom it waits matters only among several, and takes every lock of the lock table to find out.
    const question = `SELECT pid, ${waits} AS waits,
        CASE WHEN cardinality($1::int[]) > 1 THEN array_to_string(pg_blocking_pids(pid), ' ') END AS for
      FROM unnest($1::int[]) AS pid`;
    return new WaitWatch(connection, question);
  }

  /** The server has been away. */
  async reconnect(): Promise<void> {
    await this.#connection.close();
    await this.#connection.open();
  }

  /** `asked`: backends with a statement under way; `all`: those of every bot. A wait for anybody else does not count. */
  async ask(asked: readonly number[], all: readonly number[]): Promise<Waits> {
    const { rows } = await this.#connection.query({
      name: "waits",
      text: this.#question,
      values: [asked, all],
    });
    const waiting = rows.filter(([, waits]) => waits === true).map(answerOf);
    return { blocked: new Set(waiting.map(({ pid }) => pid)), isDeadlock: hasCycle(waiting) };
  }

  /** Ends what a bot's backend is doing; the bot is told by an error. */
  async cancel(pid: number): Promise<void> {
    await this.#connection.query({
      name: "cancel",
      text: "SELECT pg_cancel_backend($1)",
      values: [pid],
    });
  }

  /** Ends a bot's backend, and waits until it is gone. */
  async terminate(pid: number, ms: number): Promise<void> {
    const text = "SELECT pg_terminate_backend($1, $2)";
    await this.#connection.query({ name: "terminate", text, values: [pid, ms] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

/** To end a backend may take as long as that. */
const statementMs = 60_000;

function connectionTo(address: PostgresAddress, name: string): BotConnection {
  const options = { address, name, schema: "pg_catalog", statementMs, onEvent: () => undefined };
  return new BotConnection(options, { statements: 0, roundTrips: 0 });
}

interface Answer {
  readonly pid: number;
  readonly for: readonly number[];
}

function answerOf([pid, , waitsFor]: readonly unknown[]): Answer {
  const pids = typeof waitsFor === "string" && waitsFor !== "" ? waitsFor.split(" ") : [];
  return { pid: Number(pid), for: pids.map(Number) };
}

/** Takes away whoever waits for nobody that waits; what is left waits for itself. */
function hasCycle(waiting: readonly Answer[]): boolean {
  let left = waiting;
  for (;;) {
    const pids = new Set(left.map(({ pid }) => pid));
    const stuck = left.filter((answer) => answer.for.some((pid) => pids.has(pid)));
    if (stuck.length === left.length) return stuck.length > 0;
    left = stuck;
  }
}
