import type { Client } from "pg";
import { waitUntil } from "../../base/timer.ts";
import { openConnection } from "./connection.ts";
import type { PostgresAddress } from "./postgres-server.ts";

/** The key of the advisory lock that says that a run lives, from the name of its schema. */
export const lockKey = (schema: string): string => `hashtextextended('${schema}', 0)`;

const reopenMs = 60_000;

/**
 * The sign that a run lives: a session-level advisory lock on a connection of its own, which the server gives up when
 * the run dies, however it dies. A connection that is lost while the run lives (a server that restarts) is opened and
 * the lock taken again, else the next run would take our schema for a leftover.
 */
export class SchemaLock implements AsyncDisposable {
  readonly #address: PostgresAddress;
  readonly #schema: string;
  readonly #released = new AbortController();
  #client: Client | undefined;

  private constructor(address: PostgresAddress, schema: string) {
    this.#address = address;
    this.#schema = schema;
  }

  static async take(address: PostgresAddress, schema: string): Promise<SchemaLock> {
    const lock = new SchemaLock(address, schema);
    await lock.#open();
    return lock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#released.abort();
    // Its end is waited for, and where nothing else is left to do only it keeps the program alive until then.
    (this.#client as { ref(): void } | undefined)?.ref();
    await this.#client?.end().catch(() => undefined);
  }

  async #open(): Promise<void> {
    const client = await openConnection(this.#address, `doubletake-alive-${this.#schema}`);
    client.once("end", () => this.#reopen());
    this.#client = client;
    // An idle session may be ended by the server; this one is idle by nature. The setting came with PostgreSQL 14.
    await client.query(
      "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'",
    );
    await client.query(`SELECT pg_advisory_lock(${lockKey(this.#schema)})`);
    // While the run goes on the lock alone keeps no program alive.
    (client as unknown as { unref(): void }).unref();
    if (this.#released.signal.aborted) await client.end();
  }

  #reopen(): void {
    const { signal } = this.#released;
    if (signal.aborted) return;
    const opened = (): Promise<boolean> =>
      this.#open().then(
        () => true,
        () => false,
      );
    // Given up after a minute: a server that is away for so long has failed the run anyway.
    void waitUntil(opened, { ms: reopenMs, everyMs: 250, signal });
  }
}
