import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { waitUntil } from "../../src/base/timer.ts";
import { startEmbeddedPostgres } from "../../src/environment/postgres/embedded.ts";
import type { CrashablePostgres } from "../../src/environment/postgres/embedded.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import type { RunningCommand, Workplace } from "./command.ts";

/** One fault in the proxy, one in the server's settings, one that holds a transaction open. */
export const scenario = (jobs: number): string => `name: safety
description: What is left behind?
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: ${jobs}, work: 2ms }
bots: { count: 5 }
load: { kind: drain }
faults:
  - { fault: toxic, link: postgres, type: latency, attributes: { latency: 2 } }
  - { fault: generic-plans, mode: force_generic_plan }
  - { fault: foreign-key-insert, rows: 2, after: 5 claims }
`;

export const nothing = { schemas: 0, slots: 0, settings: 0, sessions: 0, proxies: 0 };

/** They play servers that are not the run's own. */
export class BorrowedServers implements AsyncDisposable {
  readonly postgres: CrashablePostgres;
  readonly toxiproxy: ToxiproxyServer;
  #admin: Client;

  private constructor(postgres: CrashablePostgres, toxiproxy: ToxiproxyServer) {
    this.postgres = postgres;
    this.toxiproxy = toxiproxy;
    this.#admin = this.#newClient();
  }

  static async start(): Promise<BorrowedServers> {
    const postgres = await startEmbeddedPostgres({ server: "embedded", settings: {}, image: "" });
    const toxiproxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
    const servers = new BorrowedServers(postgres, toxiproxy);
    await servers.#admin.connect();
    return servers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.end();
    await this.toxiproxy.stop();
    await this.postgres.stop();
  }

  /** The options that make a run use them. */
  options(): string[] {
    const { user, password, host, port, database } = this.postgres.address;
    const url = `postgres://${user}:${password}@${host}:${port}/${database}?disposable=true`;
    return ["--postgres", url, "--toxiproxy", this.toxiproxy.url];
  }

  /** After the server was crashed. */
  async restart(): Promise<void> {
    await this.#admin.end().catch(() => undefined);
    await this.postgres.restart();
    this.#admin = this.#newClient();
    await this.#admin.connect();
  }

  async proxies(): Promise<number> {
    const proxies: unknown = await (await fetch(`${this.toxiproxy.url}/proxies`)).json();
    return Object.keys(proxies as object).length;
  }

  /** What a run has here. */
  async traces(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#admin.query<Record<string, number>>(`
      SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^doubletake_')::int AS schemas,
             (SELECT count(*) FROM pg_replication_slots)::int AS slots,
             (SELECT count(*) FROM pg_file_settings WHERE name = 'plan_cache_mode')::int AS settings,
             (SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^doubletake')::int AS sessions`);
    return { ...rows[0], proxies: await this.proxies() };
  }

  /** Starts a run; resolves when its faults stand. */
  async startWithFaults(place: Workplace): Promise<RunningCommand> {
    const file = join(place.path, "safety.yaml");
    writeFileSync(file, scenario(10_000));
    const command = place.start("run", file, ...this.options());
    await command.shows("  load");
    const stands = async (): Promise<boolean> => {
      const { rows } = await this.#admin.query(
        "SELECT FROM pg_stat_activity WHERE application_name ~ '^doubletake-fault' AND state = 'idle in transaction'",
      );
      return rows.length > 0 && (await this.traces())["settings"] === 1;
    };
    await reached(stands, "the faults to stand");
    return command;
  }

  /** Ends every connection of the run that is not a bot's; resolves when it has others in their place. */
  async loseControl(): Promise<void> {
    const own = "application_name ~ '^doubletake-(control|alive)-'";
    const { rows } = await this.#admin.query<{ pid: number }>(
      `SELECT pid, pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE ${own}`,
    );
    const hasOthers = async (): Promise<boolean> => {
      const { rows: others } = await this.#admin.query(
        `SELECT DISTINCT split_part(application_name, '-', 2) FROM pg_stat_activity WHERE ${own} AND pid <> ALL ($1)`,
        [rows.map(({ pid }) => pid)],
      );
      return others.length === 2;
    };
    await reached(hasOthers, "the run to connect again");
  }

  #newClient(): Client {
    const { address } = this.postgres;
    const client = new Client({ ...address, password: address.password ?? "", ssl: false });
    // The server is crashed under it.
    client.on("error", () => undefined);
    return client;
  }
}

async function reached(probe: () => Promise<boolean>, what: string): Promise<void> {
  if (!(await waitUntil(probe, { ms: 30_000, everyMs: 50 })))
    throw new Error(`waited in vain for ${what}`);
}
