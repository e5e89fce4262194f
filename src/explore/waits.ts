import { Client } from "pg";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";

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
  readonly #connect: () => Promise<Client>;
  readonly #question: string;
  #client: Client;

  private constructor(connect: () => Promise<Client>, client: Client, question: string) {
    this.#connect = connect;
    this.#client = client;
    this.#question = question;
  }

  static async open(address: PostgresAddress, name: string): Promise<WaitWatch> {
    const connect = (): Promise<Client> => connected(address, name);
    const client = await connect();
    const mayAsk = await client.query(`SELECT ${isBlocked}(0, '{}')`).then(
      () => true,
      () => false,
    );
    const waits = mayAsk ? `${isBlocked}(pid, $2)` : "pg_blocking_pids(pid) && $2::int[]";
    const question = `SELECT pid, ${waits} AS waits, pg_blocking_pids(pid) AS for FROM unnest($1::int[]) AS pid`;
    return new WaitWatch(connect, client, question);
  }

  /** The server has been away. */
  async reconnect(): Promise<void> {
    await this.#client.end().catch(() => undefined);
    this.#client = await this.#connect();
  }

  /** `asked`: backends with a statement under way; `all`: those of every bot. A wait for anybody else does not count. */
  async ask(asked: readonly number[], all: readonly number[]): Promise<Waits> {
    const { rows } = await this.#client.query<Answer>({
      name: "waits",
      text: this.#question,
      values: [asked, all],
    });
    const waiting = rows.filter(({ waits }) => waits);
    return { blocked: new Set(waiting.map(({ pid }) => pid)), isDeadlock: hasCycle(waiting) };
  }

  /** Ends what a bot's backend is doing; the bot is told by an error. */
  async cancel(pid: number): Promise<void> {
    await this.#client.query("SELECT pg_cancel_backend($1)", [pid]);
  }

  /** Ends a bot's backend, and waits until it is gone. */
  async terminate(pid: number, ms: number): Promise<void> {
    await this.#client.query("SELECT pg_terminate_backend($1, $2)", [pid, ms]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

async function connected(address: PostgresAddress, name: string): Promise<Client> {
  const client = new Client({
    ...address,
    password: address.password ?? "",
    ssl: address.ssl ?? false,
    application_name: name,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

interface Answer {
  readonly pid: number;
  readonly waits: boolean;
  readonly for: readonly number[];
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
