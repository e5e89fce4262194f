import { randomBytes } from "node:crypto";
import type { StartedPostgreSqlContainer } from "@testcontainers/postgresql";
import {
  dockerEngine,
  dockerHost,
  removeLeftoverContainers,
  startContainer,
  stopContainer,
} from "../docker-engine.ts";
import { stopIfAborted } from "../start-signal.ts";
import { withConnection } from "./connection.ts";
import type {
  PostgresAddress,
  PostgresCapability,
  PostgresRequest,
  PostgresServer,
} from "./postgres-server.ts";
import { askVersion } from "./version.ts";

const schema = "doubletake";

/** As for the embedded server: a log that can be decoded, and room for the bots' connections. */
const harnessSettings = { wal_level: "logical", max_connections: "300" };

const readyMs = 60_000;

/** PostgreSQL of any version, in a container of `request.image`. */
export async function startDockerPostgres(request: PostgresRequest): Promise<PostgresServer> {
  const engine = await dockerEngine();
  await removeLeftoverContainers(engine).catch(() => undefined);
  const container = await runContainer(request);
  try {
    stopIfAborted(request.signal);
    const address = {
      host: dockerHost(engine),
      port: container.getPort(),
      user: container.getUsername(),
      password: container.getPassword(),
      database: container.getDatabase(),
    };
    const version = await askVersion(address);
    await withConnection(address, (client) => client.query(`CREATE SCHEMA ${schema}`));
    return new DockerPostgres({ container, address, version, image: request.image });
  } catch (error) {
    await stopContainer(container);
    throw error;
  }
}

/** The port is open to every machine that reaches this one, so the password is long and random. */
async function runContainer(request: PostgresRequest): Promise<StartedPostgreSqlContainer> {
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const { Wait } = await import("testcontainers");
  const container = new PostgreSqlContainer(request.image)
    .withDatabase("postgres")
    .withUsername("postgres")
    .withPassword(randomBytes(18).toString("base64url"))
    .withCommand(serverCommand(request.settings))
    // pg_isready, in the container. The default also looks for the port with tools that not every image has.
    .withWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(readyMs);
  return await startContainer(container, request.image);
}

function serverCommand(settings: Readonly<Record<string, string>>): string[] {
  const all = Object.entries({ ...harnessSettings, ...settings });
  return ["postgres", ...all.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

interface Parts {
  readonly container: StartedPostgreSqlContainer;
  readonly address: PostgresAddress;
  readonly version: string;
  readonly image: string;
}

class DockerPostgres implements PostgresServer {
  readonly kind = "docker";
  readonly schema = schema;
  readonly description: string;
  readonly version: string;
  readonly address: PostgresAddress;
  /** Not `crash`: a container that is started again has another port. */
  readonly capabilities: ReadonlySet<PostgresCapability> = new Set<PostgresCapability>([
    "terminate-backends",
    "decode-wal",
    "configure",
    "wal-position",
  ]);
  readonly #container: StartedPostgreSqlContainer;
  #stopped: Promise<void> | undefined;

  constructor({ container, address, version, image }: Parts) {
    this.description = `PostgreSQL ${version}, docker ${image}`;
    this.version = version;
    this.address = address;
    this.#container = container;
  }

  async stop(): Promise<void> {
    this.#stopped ??= stopContainer(this.#container);
    await this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
