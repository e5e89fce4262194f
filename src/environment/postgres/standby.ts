import { chown, writeFile } from "node:fs/promises";
import { waitUntil } from "../../base/timer.ts";
import type { Endpoint } from "../toxiproxy/toxiproxy-server.ts";
import { GuardedFolder } from "../guarded-folder.ts";
import { appendLines, copyRunningServer } from "./base-backup.ts";
import { openConnection, withConnection } from "./connection.ts";
import type { PostgresAddress } from "./postgres-server.ts";
import type { ServerBinaries } from "./server-binaries.ts";
import { ServerProcess } from "./server-process.ts";

/** What the standby calls itself in the primary's catalog, and in `synchronous_standby_names`. */
export const standbyName = "doubletake_standby";

const streamingMs = 20_000;
const promoteSeconds = 25;

export interface StandbyRequest {
  readonly primary: PostgresAddress;
  readonly folder: GuardedFolder;
  readonly binaries: ServerBinaries;
  /** Where the standby reaches the primary: a link's side, so that replication can be cut. */
  readonly through: Endpoint;
}

/**
 * A server that follows another by streaming its write-ahead log, and can take its place.
 *
 * ```
 *   bots ──▶ primary ──WAL──▶ link "replication" ──▶ standby
 * ```
 */
export class Standby {
  readonly folder: GuardedFolder;
  readonly process: ServerProcess;
  readonly #primary: PostgresAddress;

  private constructor(folder: GuardedFolder, process: ServerProcess, primary: PostgresAddress) {
    this.folder = folder;
    this.process = process;
    this.#primary = primary;
  }

  /** Resolves when it streams from the primary. */
  static async start(request: StandbyRequest): Promise<Standby> {
    const { primary, binaries } = request;
    const folder = await GuardedFolder.create("postgres");
    try {
      await copyRunningServer({ primary, from: request.folder, to: folder, user: binaries.user });
      await follow(folder, request);
      const process = new ServerProcess(folder, binaries);
      await process.start();
      const standby = new Standby(folder, process, primary);
      await standby.#waitForStreaming();
      return standby;
    } catch (error) {
      await folder.stop();
      throw error;
    }
  }

  /** Ends the recovery: from now on it accepts changes, on a timeline of its own. */
  async promote(): Promise<void> {
    const address = { ...this.#primary, port: this.process.port };
    const client = await openConnection(address);
    try {
      const { rows } = await client.query<{ done: boolean }>(
        `SELECT pg_promote(true, ${promoteSeconds}) AS done`,
      );
      if (rows[0]?.done !== true) throw new Error("the standby was not promoted in time");
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    await this.folder.stop();
  }

  async #waitForStreaming(): Promise<void> {
    const streams = async (): Promise<boolean> =>
      await withConnection(this.#primary, async (client) => {
        const { rows } = await client.query(
          "SELECT FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'",
          [standbyName],
        );
        return rows.length > 0;
      });
    if (await waitUntil(streams, { ms: streamingMs, everyMs: 20 })) return;
    throw new Error(`the standby did not stream within ${streamingMs} ms`);
  }
}

/** Makes the copy one that follows: `standby.signal`, and where the primary is. */
async function follow(
  folder: GuardedFolder,
  { primary, binaries, through }: StandbyRequest,
): Promise<void> {
  const conninfo = [
    `host=${through.host}`,
    `port=${through.port}`,
    `user=${primary.user}`,
    `password=${primary.password ?? ""}`,
    `application_name=${standbyName}`,
  ].join(" ");
  await appendLines(folder.file("data/postgresql.conf"), [
    `primary_conninfo = '${conninfo}'`,
    "hot_standby = on",
    "wal_retrieve_retry_interval = 100ms",
  ]);
  await writeFile(folder.file("data/standby.signal"), "", { mode: 0o600 });
  const { ids } = binaries.user;
  if (ids !== undefined) await chown(folder.file("data/standby.signal"), ids.uid, ids.gid);
}
