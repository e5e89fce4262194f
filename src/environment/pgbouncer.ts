import { accessSync, constants } from "node:fs";
import { chown, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { waitUntil } from "../base/timer.ts";
import { accepts } from "./endpoint.ts";
import { fileError } from "./file-error.ts";
import { GuardedFolder, isRunning } from "./guarded-folder.ts";
import { addressText } from "./postgres/connection.ts";
import type { PostgresAddress } from "./postgres/postgres-server.ts";
import { serverUsers } from "./postgres/server-user.ts";
import type { ServerUser } from "./postgres/server-user.ts";
import { runCommand } from "./run-command.ts";
import { stopIfAborted } from "./start-signal.ts";
import { startOnFreePort } from "./toxiproxy/start-on-free-port.ts";
import type { Endpoint } from "./toxiproxy/toxiproxy-server.ts";

const program = "pgbouncer";
const log = "pgbouncer.log";
const readyMs = 10_000;
const versionMs = 5_000;
/** From here on it prepares a client's statements again on whatever backend the client gets. */
const keepsStatementsFrom = [1, 21] as const;

export interface PgBouncerRequest {
  readonly address: PostgresAddress;
  /** What unqualified names mean on its backends: a client cannot say so, for the next may get the same backend. */
  readonly schema: string;
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * PgBouncer of this machine in its transaction mode, run by us on a port of 127.0.0.1 as a user without rights.
 *
 * ```
 *   bots ──▶ link "postgres" ──▶ PgBouncer ──▶ so many backends of PostgreSQL
 * ```
 */
export class PgBouncer implements AsyncDisposable {
  readonly version: string;
  readonly listen: Endpoint;
  readonly #folder: GuardedFolder;

  private constructor(version: string, listen: Endpoint, folder: GuardedFolder) {
    this.version = version;
    this.listen = listen;
    this.#folder = folder;
  }

  /** Whether a client's prepared statements outlive a transaction. */
  get keepsStatements(): boolean {
    return keepsStatements(this.version);
  }

  /** HarnessError (environment) where there is no such program, or it does not start. */
  static async start(request: PgBouncerRequest): Promise<PgBouncer> {
    const file = findPgBouncer();
    if (file === undefined) throw missing();
    refuseTls(request.address);
    const folder = await GuardedFolder.create("pgbouncer");
    try {
      const [user] = serverUsers();
      const version = await askVersion(file);
      const start = (port: number): Promise<Endpoint | undefined> =>
        startOnPort({ file, version, folder, user, request }, port);
      const listen = await startOnFreePort({ what: program, where: file }, start);
      return new PgBouncer(version, listen, folder);
    } catch (error) {
      await folder.stop();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.stop();
  }
}

/** On PATH, or where Debian puts what only root is thought to need. */
export function findPgBouncer(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function keepsStatements(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = keepsStatementsFrom;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

async function askVersion(file: string): Promise<string> {
  const { stdout } = await runCommand({ file, args: ["--version"], ms: versionMs });
  return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? "0.0";
}

interface Start {
  readonly file: string;
  readonly version: string;
  readonly folder: GuardedFolder;
  readonly user: ServerUser | undefined;
  readonly request: PgBouncerRequest;
}

/** Where it listens; undefined where somebody else has the port. */
async function startOnPort(start: Start, port: number): Promise<Endpoint | undefined> {
  const { file, folder, user, request } = start;
  const listen = { host: "127.0.0.1", port };
  await writeConfiguration(start, port);
  const args = [folder.file("pgbouncer.ini")];
  const child = await folder.spawn({ file, args, log, user: user?.ids });
  const settled = async (): Promise<boolean> => !isRunning(child) || (await accepts(listen));
  const { signal } = request;
  const inTime = await waitUntil(settled, { ms: readyMs, everyMs: 10, ...(signal && { signal }) });
  stopIfAborted(signal);
  const said = await folder.lastLines(log, 5);
  if (said.includes("Address already in use")) {
    child.kill("SIGKILL");
    return undefined;
  }
  if (inTime && isRunning(child)) return listen;
  throw new HarnessError({
    kind: "environment",
    what: `${program} did not start:\n    ${said === "" ? "(it said nothing)" : said}`,
    where: file,
    hint: "run it by hand, or use the proxy's pooler: environment: { pooler: { kind: proxy } }",
  });
}

async function writeConfiguration(start: Start, port: number): Promise<void> {
  const { folder, user, version, request } = start;
  const { address } = request;
  const kept = keepsStatements(version) ? "max_prepared_statements = 200\n" : "";
  const files = {
    "users.txt": `${quoted(address.user)} ${quoted(address.password ?? "")}\n`,
    "pgbouncer.ini": configuration(request, { port, users: folder.file("users.txt") }) + kept,
  };
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(folder.file(name), text, { mode: 0o600 });
      if (user?.ids !== undefined) await chown(folder.file(name), user.ids.uid, user.ids.gid);
    }
  } catch (error) {
    throw fileError(error, folder.path);
  }
}

/**
 * `options` is what a client says of the schema, which PgBouncer would refuse: the backends are told in its stead. Nothing is
 * reset between two transactions, as is its default in this mode: what a session leaves behind is found by the next.
 */
function configuration(
  { address, schema, size }: PgBouncerRequest,
  { port, users }: { readonly port: number; readonly users: string },
): string {
  const { host, port: serverPort, database } = address;
  const backend = `host=${host} port=${serverPort} dbname=${database}`;
  return `[databases]
${database} = ${backend} connect_query='SET search_path = ${schema}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 2000
ignore_startup_parameters = options,extra_float_digits
server_check_delay = 0
`;
}

/** As in its file of users: a quote is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function missing(): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `there is no ${program} on this machine`,
    hint: "install it (Debian: apt-get install pgbouncer), or use environment: { pooler: { kind: proxy } }",
  });
}

function refuseTls(address: PostgresAddress): void {
  if (!address.ssl) return;
  const what = "a pooler reads what bots and server say, which on this server is encrypted";
  const hint = "leave environment.pooler out, or sslmode";
  throw new HarnessError({ kind: "environment", what, where: addressText(address), hint });
}
