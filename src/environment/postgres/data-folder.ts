import { once } from "node:events";
import { appendFile, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { HarnessError } from "../../base/harness-error.ts";
import { withDeadline } from "../../base/timer.ts";
import { fileError } from "../file-error.ts";
import type { GuardedFolder } from "../guarded-folder.ts";
import type { ServerBinaries } from "./server-binaries.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { serverFailure } from "./server-failure.ts";

export interface DataFolderRequest {
  readonly folder: GuardedFolder;
  readonly binaries: ServerBinaries;
  readonly password: string;
  /** Server settings beyond the harness's own, which they override. */
  readonly settings: Readonly<Record<string, string>>;
  /** Absent: no disk of its own. */
  readonly diskMb?: number | undefined;
}

/**
 * What the harness needs beyond PostgreSQL's defaults: a log that can be decoded for the witness, room for the bots'
 * connections, and no socket in a folder that all users share. Nothing here makes the server faster or less durable.
 */
const harnessSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_connections: "300",
};

const initdbMs = 60_000;

/**
 * Makes the data folder `data` of a new server, owned by the server's user. True where it has a disk of its own, as asked for.
 */
export async function createDataFolder(request: DataFolderRequest): Promise<boolean> {
  const { folder } = request;
  try {
    const hasDisk = await makeFolder(request);
    await writeFile(folder.file("password"), `${request.password}\n`, { mode: 0o600 });
    await giveToServer(request, ["data", "password"]);
    await runInitdb(request);
    await rm(folder.file("password"));
    await appendFile(folder.file("data/postgresql.conf"), configuration(request.settings));
    return hasDisk;
  } catch (error) {
    throw error instanceof HarnessError ? error : fileError(error, folder.path);
  }
}

async function makeFolder({ folder, binaries, diskMb }: DataFolderRequest): Promise<boolean> {
  const path = folder.file("data");
  const { user } = binaries;
  const hasDisk = diskMb !== undefined && (await mountSmallDisk({ path, user, megabytes: diskMb }));
  if (!hasDisk) await mkdir(path, { mode: 0o700, recursive: true });
  return hasDisk;
}

async function giveToServer(request: DataFolderRequest, names: readonly string[]): Promise<void> {
  const { ids } = request.binaries.user;
  if (ids === undefined) return;
  for (const name of names) await chown(request.folder.file(name), ids.uid, ids.gid);
}

async function runInitdb({ folder, binaries }: DataFolderRequest): Promise<void> {
  const child = await folder.spawn({
    file: `${binaries.native}/bin/initdb`,
    args: initdbArguments(folder),
    log: "initdb.log",
    user: binaries.user.ids,
  });
  child.ref();
  const [code] = await withDeadline(once(child, "exit"), { ms: initdbMs, what: "initdb" });
  if (code !== 0) throw await serverFailure(folder, "initdb.log", "initdb failed");
}

/**
 * `--no-sync` is about initdb alone, which would otherwise flush the new folder to disk: should the machine crash now,
 * the folder is worthless anyway. The server itself flushes as PostgreSQL does by default.
 *
 * The password is random and long, so hashing it thousands of times protects nothing; it would cost every connection
 * of every bot several milliseconds.
 */
function initdbArguments(folder: GuardedFolder): string[] {
  return [
    `--pgdata=${folder.file("data")}`,
    "--username=postgres",
    `--pwfile=${folder.file("password")}`,
    "--auth=scram-sha-256",
    "--set=scram_iterations=1",
    "--locale=C",
    "--encoding=UTF8",
    "--no-sync",
    "--no-instructions",
  ];
}

/** In the file and not on the command line, so that ALTER SYSTEM can change a setting while the server runs. */
function configuration(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...harnessSettings, ...settings }).map(([name, value]) => {
    checkSettingName(name);
    return `${name} = '${value.replaceAll("'", "''")}'\n`;
  });
  return `\n# doubletake\n${lines.join("")}`;
}

function checkSettingName(name: string): void {
  if (/^[A-Za-z_][\w.]*$/.test(name)) return;
  throw new HarnessError({
    kind: "usage",
    what: `"${name}" is no name of a PostgreSQL setting`,
    where: "environment.settings",
    hint: "settings are written as in postgresql.conf: synchronous_commit, work_mem",
  });
}
