import { Client } from "pg";
import type { QueryArrayConfig } from "pg";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import { waitUntil } from "../base/timer.ts";
import { endsConnection } from "./outcome.ts";

export interface ConnectionOptions {
  /** Where to connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  readonly schema: string;
  /** `application_name`, unique to this connection: how faults and our own reconnect find its backend. */
  readonly name: string;
  /** A statement without an answer for so long gives the connection up. */
  readonly statementMs: number;
  readonly onEvent: (event: "opened" | "lost" | "refused", code?: string) => void;
}

export interface Statement {
  /** Name of the prepared statement; absent for statements that take no parameters. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface StatementResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows returned or affected. */
  readonly rowCount: number;
}

/** Every bot statement sent, for cost per claim. */
export interface StatementCounter {
  statements: number;
  roundTrips: number;
}

const int8 = 20;
const int4 = 23;
const bool = 16;

/** Numbers as numbers and the rest as text: ids stay below 2^53, and nothing else is looked at. */
const columnTypes = {
  getTypeParser: (oid: number) => {
    if (oid === int8 || oid === int4) return Number;
    if (oid === bool) return (text: string) => text === "t";
    return (text: string) => text;
  },
};

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
  #hadBackend = false;

  constructor(options: ConnectionOptions, counter: StatementCounter) {
    this.#options = options;
    this.#counter = counter;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Opens the connection if it is not open. Throws what `pg` throws. */
  async open(): Promise<void> {
    if (this.#client !== undefined) return;
    const client = this.#newClient();
    try {
      await client.connect();
      if (this.#hadBackend) await this.#endFormerBackend(client);
    } catch (error) {
      this.#options.onEvent("refused", (error as { code?: string }).code);
      client.end().catch(ignore);
      throw error;
    }
    this.#client = client;
    this.#hadBackend = true;
    this.#options.onEvent("opened");
  }

  /** Runs one statement. Throws what `pg` throws; an error that ends the connection closes it. */
  async query(statement: Statement): Promise<StatementResult> {
    const client = this.#client;
    if (client === undefined) throw new Error("the connection is not open");
    this.#counter.statements++;
    this.#counter.roundTrips++;
    try {
      const result = await client.query<unknown[]>({
        ...statement,
        values: statement.values as unknown[] | undefined,
        rowMode: "array",
      } as QueryArrayConfig);
      const columns = result.fields.map((field) => field.name);
      return { columns, rows: result.rows, rowCount: result.rowCount ?? 0 };
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      if (endsConnection(code)) this.#lose(client, code);
      throw error;
    }
  }

  /** Gives the connection up without waiting for an answer. */
  abandon(): void {
    if (this.#client !== undefined) this.#lose(this.#client);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(ignore);
  }

  #newClient(): Client {
    const { address, schema, name, statementMs } = this.#options;
    const client = new Client({
      ...address,
      password: address.password ?? "",
      ssl: address.ssl ?? false,
      application_name: name,
      options: `-c search_path=${schema}`,
      connectionTimeoutMillis: statementMs,
      query_timeout: statementMs,
      types: columnTypes,
    });
    client.on("error", (error: Error & { code?: string }) => this.#lose(client, error.code));
    client.on("end", () => this.#lose(client));
    return client;
  }

  /** The first report of a loss counts; `error` and `end` may both come, and neither if we closed it. */
  #lose(client: Client, code?: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(ignore);
    this.#options.onEvent("lost", code);
  }

  async #endFormerBackend(client: Client): Promise<void> {
    const others = `FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()`;
    const gone = async (): Promise<boolean> => {
      const query = {
        text: `SELECT pg_terminate_backend(pid) ${others}`,
        rowMode: "array" as const,
      };
      return (await client.query({ ...query, values: [this.#options.name] })).rows.length === 0;
    };
    if (await waitUntil(gone, { ms: this.#options.statementMs, everyMs: 2 })) return;
    throw Object.assign(new Error("the former backend of this bot does not end"), {
      code: "57014",
    });
  }
}

function ignore(): void {
  // The connection is being thrown away: there is nobody left to tell.
}
