import { HarnessError } from "../../base/harness-error.ts";
import { stopIfAborted } from "../start-signal.ts";
import { findCapabilities } from "./capabilities.ts";
import { addressText } from "./connection.ts";
import type {
  PostgresAddress,
  PostgresCapability,
  PostgresRequest,
  PostgresServer,
} from "./postgres-server.ts";
import { isDisposable, parsePostgresUrl } from "./postgres-url.ts";
import {
  createRunSchema,
  dropLeftoverSchemas,
  dropRunSchema,
  runSchemaName,
} from "./run-schema.ts";
import { SchemaLock } from "./schema-lock.ts";
import { askVersion } from "./version.ts";

/** Somebody else's server: only touched inside a schema that is made for the run and dropped after it. */
export async function useExistingPostgres(request: PostgresRequest): Promise<PostgresServer> {
  const address = parsePostgresUrl(request.server);
  refuseSettings(request, address);
  const version = await askVersion(address);
  // What cannot be dropped, for want of rights, does not stand in our way; `doctor` shows it.
  await dropLeftoverSchemas(address).catch(() => undefined);
  const capabilities = await findCapabilities(address, {
    isDisposable: isDisposable(request.server),
  });
  stopIfAborted(request.signal);
  const schema = runSchemaName();
  const lock = await SchemaLock.take(address, schema);
  try {
    await createRunSchema(address, schema);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  return new ExistingPostgres({ address, schema, lock, version, capabilities });
}

/** The report would state settings that the server does not have. */
function refuseSettings({ settings }: PostgresRequest, address: PostgresAddress): void {
  const names = Object.keys(settings);
  if (names.length === 0) return;
  throw new HarnessError({
    kind: "usage",
    what: `the settings of a server that is not ours cannot be changed: ${names.join(", ")}`,
    where: addressText(address),
    hint: "set them on the server and leave environment.settings out, or use --postgres embedded",
  });
}

interface Parts {
  readonly address: PostgresAddress;
  readonly schema: string;
  readonly lock: SchemaLock;
  readonly version: string;
  readonly capabilities: ReadonlySet<PostgresCapability>;
}

class ExistingPostgres implements PostgresServer {
  readonly kind = "existing";
  readonly description: string;
  readonly version: string;
  readonly address: PostgresAddress;
  readonly schema: string;
  readonly capabilities: ReadonlySet<PostgresCapability>;
  readonly #lock: SchemaLock;
  #stopped: Promise<void> | undefined;

  constructor({ address, schema, lock, version, capabilities }: Parts) {
    this.description = `PostgreSQL ${version} at ${address.host}:${address.port}/${address.database}`;
    this.version = version;
    this.address = address;
    this.schema = schema;
    this.capabilities = capabilities;
    this.#lock = lock;
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    await this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    try {
      await dropRunSchema(this.address, this.schema);
    } finally {
      await this.#lock[Symbol.asyncDispose]();
    }
  }
}
