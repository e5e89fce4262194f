import { chown, copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuardedFolder } from "../guarded-folder.ts";
import { withConnection } from "./connection.ts";
import type { PostgresAddress } from "./postgres-server.ts";
import type { ServerUser } from "./server-user.ts";

export interface BackupRequest {
  readonly primary: PostgresAddress;
  readonly from: GuardedFolder;
  readonly to: GuardedFolder;
  readonly user: ServerUser;
}

/**
 * Copies the data folder of a server that runs, by PostgreSQL's low-level backup API: the copy is consistent once the
 * write-ahead log from its start on has been replayed (PostgreSQL's manual, 25.3.4). The programs that came with npm
 * lack pg_basebackup.
 */
export async function copyRunningServer({ primary, from, to, user }: BackupRequest): Promise<void> {
  const copy = new FolderCopy(user);
  await withConnection(primary, async (client) => {
    // The backup ends with its connection, should we fail in between.
    await client.query("SELECT pg_backup_start('doubletake', true)");
    await copy.folder(from.file("data"), to.file("data"), "");
    const { rows } = await client.query<{ labelfile: string }>(
      "SELECT labelfile FROM pg_backup_stop(false)",
    );
    await copy.write(to.file("data/backup_label"), rows[0]?.labelfile ?? "");
  });
  for (const folder of walFolders) await copy.makeFolder(join(to.file("data"), folder));
}

/** What belongs to the running server alone, or comes with the log. */
const left = new Set(["postmaster.pid", "postmaster.opts", "pg_wal", "pg_replslot", "pg_stat_tmp"]);
/** They must be there, empty. */
const walFolders = [
  "pg_wal",
  "pg_wal/archive_status",
  "pg_wal/summaries",
  "pg_replslot",
  "pg_stat_tmp",
];

class FolderCopy {
  readonly #user: ServerUser;

  constructor(user: ServerUser) {
    this.#user = user;
  }

  async folder(source: string, target: string, inside: string): Promise<void> {
    await this.makeFolder(target);
    for (const entry of await readdir(source, { withFileTypes: true })) {
      if (inside === "" && left.has(entry.name)) continue;
      const [from, to] = [join(source, entry.name), join(target, entry.name)];
      if (entry.isDirectory()) await this.folder(from, to, entry.name);
      else if (entry.isFile()) await this.#file(from, to);
    }
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(path, { mode: 0o700 });
    await this.#give(path);
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
    await this.#give(path);
  }

  /** A file that the server has removed meanwhile is not missed: the log says that it is gone. */
  async #file(from: string, to: string): Promise<void> {
    try {
      await copyFile(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    await this.#give(to);
  }

  async #give(path: string): Promise<void> {
    const { ids } = this.#user;
    if (ids !== undefined) await chown(path, ids.uid, ids.gid);
  }
}

/** Adds lines to a file of the copy that the server owns already. */
export async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  const before = await readFile(file, "utf8");
  await writeFile(file, `${before}\n# doubletake\n${lines.join("\n")}\n`);
}
