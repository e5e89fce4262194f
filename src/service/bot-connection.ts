import type { Socket } from "node:net";
import { Client } from "pg";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import { waitUntil } from "../base/timer.ts";
import { endsConnection } from "./outcome.ts";
import type { WireAnswer } from "./wire/answer.ts";
import { ByteSource } from "./wire/byte-source.ts";
import { WireSession } from "./wire/wire-session.ts";

export interface ConnectionOptions {
  /** Where to connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  readonly schema: string;
  /** `application_name`, unique to this connection: how faults and our own reconnect find its backend. */
  readonly name: string;
  /** A statement without an answer for so long gives the connection up. */
  readonly statementMs: number;
  /** Absent: the backend is the connection's own. */
  readonly pool?: BackendSharing | undefined;
  readonly onEvent: (event: "opened" | "lost" | "refused", code?: string) => void;
  /** Another process may have had a connection of this name: its backend is seen to be gone as well. */
  readonly isSuccessor?: boolean | undefined;
}

/** A pooler in between lends backends out, each for a transaction. */
export interface BackendSharing {
  /** False: it forgets prepared statements, as PgBouncer did before 1.21, so none is kept. */
  readonly keepsStatements: boolean;
}

export interface Statement {
  /** Name of the prepared statement; absent for statements that take no parameters. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Sent before it, in the same write: BEGIN and the like, which cannot fail. */
  readonly ahead?: string | undefined;
}

export type StatementResult = WireAnswer;

/** Every bot statement sent, for cost per claim. */
export interface StatementCounter {
  statements: number;
  roundTrips: number;
}

/**
 * One connection to PostgreSQL that can be lost and opened again.
 *
 * Before a connection that was lost is replaced, its backend is seen to be gone: else a claim that the lost backend
 * is still carrying out could commit after the bot has asked what it holds, and belong to nobody.
 */
export class BotConnection {
  readonly #options: ConnectionOptions;
  readonly #counter: StatementCounter;
  #client: Client | undefined;
  #session: WireSession | undefined;
  #hadBackend: boolean;

  constructor(options: ConnectionOptions, counter: StatementCounter) {
    this.#options = options;
    this.#counter = counter;
    this.#hadBackend = options.isSuccessor ?? false;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Opens the connection if it is not open. Throws what `pg` throws. */
  async open(): Promise<void> {
    if (this.#client !== undefined) return;
    const source = new ByteSource({ tls: Boolean(this.#options.address.ssl) });
    const client = this.#newClient(source);
    try {
      await client.connect();
      if (this.#hadBackend) await this.#leaveFormerBackend(client);
    } catch (error) {
      this.#options.onEvent("refused", (error as { code?: string }).code);
      client.end().catch(ignore);
      throw error;
    }
    this.#client = client;
    this.#session = this.#takeOver(client, source);
    this.#hadBackend = true;
    this.#options.onEvent("opened");
  }

  /** Runs one statement. Throws ServerError or what ended the connection; an error that ends it closes it. */
  async query(statement: Statement): Promise<StatementResult> {
    const client = this.#client;
    const session = this.#session;
    if (client === undefined || session === undefined)
      throw new Error("the connection is not open");
    const { name, text, values = [], ahead } = statement;
    this.#counter.statements += ahead === undefined ? 1 : 2;
    this.#counter.roundTrips++;
    try {
      return name === undefined
        ? await session.simple(text, ahead)
        : await session.execute({ name: this.#keptName(name), text }, values, ahead);
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      if (endsConnection(code)) this.#lose(client, code);
      throw error;
    }
  }

  #keptName(name: string): string {
    return this.#options.pool?.keepsStatements === false ? "" : name;
  }

  /** Gives the connection up without waiting for an answer. */
  abandon(): void {
    if (this.#client !== undefined) this.#lose(this.#client);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#endSession("the connection was closed");
    await client?.end().catch(ignore);
  }

  #newClient(source: ByteSource): Client {
    const { address, schema, name, statementMs } = this.#options;
    const client = new Client({
      ...address,
      password: address.password ?? "",
      ssl: address.ssl ?? false,
      application_name: name,
      options: `-c search_path=${schema}`,
      connectionTimeoutMillis: statementMs,
      query_timeout: statementMs,
      ...source.stream,
    });
    client.on("error", (error: Error & { code?: string }) => {
      if (this.#client === client) this.#session?.fail(error);
      this.#lose(client, error.code);
    });
    client.on("end", () => this.#lose(client));
    return client;
  }

  /** The first report of a loss counts; `error` and `end` may both come, and neither if we closed it. */
  #lose(client: Client, code?: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    // A backend that is busy does not hear a polite goodbye.
    streamOf(client).destroy();
    this.#endSession("the connection was lost");
    client.end().catch(ignore);
    this.#options.onEvent("lost", code);
  }

  /**
   * From here on the bytes of the connection go to a session of our own while it waits for an answer, and to `pg`, which
   * opened it, when nobody has asked: a backend that is terminated says so.
   */
  #takeOver(client: Client, source: ByteSource): WireSession {
    const stream = streamOf(client);
    const session: WireSession = new WireSession({
      statementMs: this.#options.statementMs,
      write: (bytes) => void stream.write(bytes),
      onUnasked: (bytes) => toDriver(bytes),
    });
    const toDriver = source.takeOver(stream, (bytes) => session.take(bytes));
    return session;
  }

  #endSession(why: string): void {
    this.#session?.fail(new Error(why));
    this.#session = undefined;
  }

  /**
   * Behind a pooler nobody knows which backend it was, and it may be another bot's by now: there, whatever had begun before
   * is seen to be over.
   */
  async #leaveFormerBackend(client: Client): Promise<void> {
    const others = `FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()`;
    const isShared = this.#options.pool !== undefined;
    const since = isShared
      ? (await client.query<{ now: string }>("SELECT clock_timestamp()::text AS now")).rows[0]?.now
      : undefined;
    const text = isShared
      ? `SELECT ${others} AND state <> 'idle' AND xact_start < $2::timestamptz`
      : `SELECT pg_terminate_backend(pid) ${others}`;
    const values = isShared ? [this.#options.name, since] : [this.#options.name];
    const gone = async (): Promise<boolean> =>
      (await client.query({ text, rowMode: "array", values })).rows.length === 0;
    if (await waitUntil(gone, { ms: this.#options.statementMs, everyMs: 2 })) return;
    throw Object.assign(new Error("the former backend of this bot does not end"), {
      code: "57014",
    });
  }
}

/** `pg` keeps it, and leaves it out of its types. */
function streamOf(client: Client): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
    .stream;
}

function ignore(): void {
  // The connection is being thrown away: there is nobody left to tell.
}
