import { randomBytes } from "node:crypto";
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

/** A server that may be crashed and started again, because it is ours alone. */
export interface CrashablePostgres extends PostgresServer {
  /** Name of the operating system's user that it runs as. */
  readonly user: string;
  /** False: it was crashed, or has ended by itself. */
  readonly isRunning: boolean;
  /** Stops at once, without a checkpoint: what was not flushed is lost. Waits until every process is gone. */
  crash(): Promise<void>;
  /** Starts on the same port and recovers; resolves when connections are accepted. Crashes it first if it runs. */
  restart(): Promise<void>;
}

export function isCrashable(server: PostgresServer): server is CrashablePostgres {
  return server.capabilities.has("crash");
}

const schema = "doubletake";

/** PostgreSQL from npm's programs, in a temporary folder, on a port of 127.0.0.1 that only we know. */
export async function startEmbeddedPostgres(request: PostgresRequest): Promise<CrashablePostgres> {
  const native = installedBinaries();
  const folder = await GuardedFolder.create("postgres");
  try {
    const binaries = await serverBinaries(folder, native);
    stopIfAborted(request.signal);
    const password = randomBytes(18).toString("base64url");
    await createDataFolder({ folder, binaries, password, settings: request.settings });
    stopIfAborted(request.signal);
    const process = new ServerProcess(folder, binaries);
    await process.start(request.signal);
    const address = addressOf(process.port, password);
    await withConnection(address, (client) => client.query(`CREATE SCHEMA ${schema}`));
    return new EmbeddedPostgres({ folder, binaries, process, address });
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
}

class EmbeddedPostgres implements CrashablePostgres {
  readonly kind = "embedded";
  readonly schema = schema;
  readonly description: string;
  readonly version: string;
  readonly user: string;
  readonly address: PostgresAddress;
  readonly capabilities: ReadonlySet<PostgresCapability> = new Set<PostgresCapability>([
    "terminate-backends",
    "decode-wal",
    "crash",
    "configure",
    "wal-position",
  ]);
  readonly #folder: GuardedFolder;
  readonly #process: ServerProcess;

  constructor({ folder, binaries, process, address }: Parts) {
    this.version = binaries.version;
    this.description = `PostgreSQL ${binaries.version}, embedded`;
    this.user = binaries.user.name;
    this.address = address;
    this.#folder = folder;
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

  async stop(): Promise<void> {
    await this.#folder.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
