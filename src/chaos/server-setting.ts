import { waitUntil } from "../base/timer.ts";
import { alteredSettings } from "../environment/postgres/altered-settings.ts";
import { withConnection } from "../environment/postgres/connection.ts";
import type { FaultContext } from "./fault.ts";

/** The postmaster reads its configuration when it gets round to it. */
const reloadMs = 5_000;

/**
 * A setting of the whole server, changed while it runs: `ALTER SYSTEM` and a reload, as an administrator would. Every
 * session takes it over before its next statement.
 */
export class ServerSetting {
  readonly #context: FaultContext;
  readonly #name: string;

  constructor(context: FaultContext, name: string) {
    this.#context = context;
    this.#name = name;
  }

  /** Resolves when new sessions have the value. */
  async set(value: string): Promise<void> {
    await this.#remember();
    const before = await this.#current();
    await this.#alter(`SET ${this.#name} = '${value}'`);
    if (before !== value) await this.#waitFor((now) => now === value);
  }

  /** As it was in the server's own configuration. Idempotent. */
  async reset(): Promise<void> {
    await this.#alter(`RESET ${this.#name}`);
    await this.#waitFor((_now, isOverridden) => !isOverridden);
  }

  /**
   * A server that is not ours outlives us: should we be killed, the next start finds in our schema what to reset. In ours the
   * setting goes with the server.
   */
  async #remember(): Promise<void> {
    const { control, server } = this.#context;
    if (server.kind !== "existing") return;
    await control.query(`CREATE TABLE IF NOT EXISTS ${alteredSettings} (name text PRIMARY KEY)`);
    await control.query(`INSERT INTO ${alteredSettings} VALUES ($1) ON CONFLICT DO NOTHING`, [
      this.#name,
    ]);
  }

  async #alter(change: string): Promise<void> {
    const { control } = this.#context;
    await control.query(`ALTER SYSTEM ${change}`);
    await control.query("SELECT pg_reload_conf()");
  }

  /** A session of its own: those of the harness may be in the middle of something, with the old value. */
  async #current(): Promise<string> {
    return (await this.#read()).value;
  }

  async #read(): Promise<{ readonly value: string; readonly overridden: boolean }> {
    return await withConnection(this.#context.server.address, async (client) => {
      const { rows } = await client.query<{ value: string; overridden: boolean }>(
        `SELECT current_setting(name) AS value,
                coalesce(sourcefile LIKE '%postgresql.auto.conf', false) AS overridden
           FROM pg_settings WHERE name = $1`,
        [this.#name],
      );
      return rows[0] ?? { value: "", overridden: false };
    });
  }

  async #waitFor(isThere: (value: string, isOverridden: boolean) => boolean): Promise<void> {
    const probe = async (): Promise<boolean> => {
      const { value, overridden } = await this.#read();
      return isThere(value, overridden);
    };
    if (await waitUntil(probe, { ms: reloadMs, everyMs: 10 })) return;
    throw new Error(`the server did not take ${this.#name} over within ${reloadMs} ms`);
  }
}
