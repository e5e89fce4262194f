import { randomBytes } from "node:crypto";
import type { Endpoint } from "../toxiproxy/toxiproxy-server.ts";
import { GuardedFolder } from "../guarded-folder.ts";
import { stopIfAborted } from "../start-signal.ts";
import { withConnection } from "./connection.ts";
import { createDataFolder } from "./data-folder.ts";
import type {
  PostgresAddress,
  PostgresCapability,
  PostgresRequest,
  PostgresServer,
} from "./postgres-server.ts";
import { installedBinaries, serverBinaries } from "./server-binaries.ts";
import type { ServerBinaries } from "./server-binaries.ts";
import { ServerProcess } from "./server-process.ts";
import { Standby } from "./standby.ts";

/** A server that may be crashed and started again, because it is ours alone. */
export interface CrashablePostgres extends PostgresServer {
  /** Name of the operating system's user that it runs as. */
  readonly user: string;
  /** False: it was crashed, or has ended by itself. */
  readonly isRunning: boolean;
  /** The data folder, where it is a disk of its own that may be filled. */
  readonly smallDisk?: string | undefined;
  /** Stops at once, without a checkpoint: what was not flushed is lost. Waits until every process is gone. */
  crash(): Promise<void>;
  /** Starts on the same port and recovers; resolves when connections are accepted. Crashes it first if it runs. */
  restart(): Promise<void>;
  /** Makes a standby that follows by streaming, and reaches this server at `through`. The caller stops it, or fails over. */
  startStandby(through: Endpoint): Promise<Standby>;
  /** Crashes, and has the standby take this server's place at its address. What the standby had not received is gone. */
  failOver(standby: Standby): Promise<void>;
}

export function isCrashable(server: PostgresServer): server is CrashablePostgres {
  return server.capabilities.has("crash");
}

const schema = "doubletake";
const capabilities: readonly PostgresCapability[] = [
  "terminate-backends",
  "decode-wal",
  "crash",
  "configure",
  "standby",
  "wal-position",
];

/** PostgreSQL from npm's programs, in a temporary folder, on a port of 127.0.0.1 that only we know. */
export async function startEmbeddedPostgres(request: PostgresRequest): Promise<CrashablePostgres> {
  const native = installedBinaries();
  const folder = await GuardedFolder.create("postgres");
  try {
    const binaries = await serverBinaries(folder, native);
    stopIfAborted(request.signal);
    const password = randomBytes(18).toString("base64url");
    const { settings, diskMb } = request;
    const hasDisk = await createDataFolder({ folder, binaries, password, settings, diskMb });
    stopIfAborted(request.signal);
    const process = new ServerProcess(folder, binaries);
    await process.start(request.signal);
    const address = addressOf(process.port, password);
    await withConnection(address, (client) => client.query(`CREATE SCHEMA ${schema}`));
    return new EmbeddedPostgres({ folder, binaries, process, address, hasDisk });
  } catch (error) {
    await folder.stop();
    throw error;
  }
}

function addressOf(port: number, password: string): PostgresAddress {
  return { host: "127.0.0.1", port, user: "postgres", password, database: "postgres" };
}

interface Parts {
  readonly folder: GuardedFolder;
  readonly binaries: ServerBinaries;
  readonly process: ServerProcess;
  readonly address: PostgresAddress;
  readonly hasDisk: boolean;
}

class EmbeddedPostgres implements CrashablePostgres {
  readonly kind = "embedded";
  readonly schema = schema;
  readonly description: string;
  readonly version: string;
  readonly user: string;
  readonly address: PostgresAddress;
  readonly smallDisk: string | undefined;
  readonly capabilities: ReadonlySet<PostgresCapability>;
  readonly #binaries: ServerBinaries;
  /** The last is the one that serves; those before it are kept to the end, for the programs may lie in the first. */
  readonly #folders: GuardedFolder[];
  #process: ServerProcess;

  constructor({ folder, binaries, process, address, hasDisk }: Parts) {
    this.smallDisk = hasDisk ? folder.file("data") : undefined;
    this.capabilities = new Set(hasDisk ? [...capabilities, "small-disk"] : capabilities);
    this.version = binaries.version;
    this.description = `PostgreSQL ${binaries.version}, embedded`;
    this.user = binaries.user.name;
    this.address = address;
    this.#binaries = binaries;
    this.#folders = [folder];
    this.#process = process;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  async crash(): Promise<void> {
    await this.#process.crash();
  }

  async restart(): Promise<void> {
    await this.#process.restart();
  }

  async startStandby(through: Endpoint): Promise<Standby> {
    const folder = this.#folders.at(-1) as GuardedFolder;
    return await Standby.start({
      primary: this.address,
      folder,
      binaries: this.#binaries,
      through,
    });
  }

  async failOver(standby: Standby): Promise<void> {
    await this.#process.crash();
    await standby.promote();
    this.#folders.push(standby.folder);
    this.#process = standby.process;
    await this.#process.restart(this.address.port);
  }

  async stop(): Promise<void> {
    const stops = await Promise.allSettled(this.#folders.map((folder) => folder.stop()));
    for (const stop of stops) if (stop.status === "rejected") throw stop.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
