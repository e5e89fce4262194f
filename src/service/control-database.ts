import { Pool } from "pg";
import type { PoolClient } from "pg";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";

/** Statements of the harness itself; a few run side by side (sampling, faults), each for a short time. */
const connections = 6;
const connectTimeoutMs = 10_000;
const statementTimeoutMs = 60_000;

/**
 * The harness's own way to the database. It does not pass the proxy, so it works while faults do not let the bots
 * through, and it is never what a fault aims at.
 */
export class ControlDatabase implements AsyncDisposable {
  readonly schema: string;
  readonly #pool: Pool;
  #ended: Promise<void> | undefined;

  constructor(address: PostgresAddress, schema: string) {
    this.schema = schema;
    this.#pool = new Pool({
      ...address,
      password: address.password ?? "",
      ssl: address.ssl ?? false,
      application_name: `doubletake-control-${schema}`,
      options: `-c search_path=${schema}`,
      max: connections,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: statementTimeoutMs,
      // Kept: a fault may take every connection the server has left.
      idleTimeoutMillis: 0,
    });
    // A connection lost while idle is replaced when the next statement needs one.
    this.#pool.on("error", () => undefined);
  }

  /** Rows as objects. Throws what `pg` throws. */
  async query(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const parameters = values.length === 0 ? undefined : [...values];
    const result = await this.#pool.query<Row>(text, parameters);
    return result.rows;
  }

  /** Runs `use` on one connection; whatever transaction it leaves open is rolled back. */
  async withConnection<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on("error", onError);
    try {
      return await use(client);
    } finally {
      await client.query("ROLLBACK").catch(onError);
      client.off("error", onError);
      client.release(broken);
    }
  }

  /** Opens every connection that there may be, and keeps them. */
  async occupy(): Promise<void> {
    const clients = await Promise.all(
      Array.from({ length: connections }, () => this.#pool.connect()),
    );
    for (const client of clients) client.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#pool.end();
    await this.#ended;
  }
}

export type Row = Readonly<Record<string, unknown>>;
