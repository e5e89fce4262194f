import { cpus, platform, release } from "node:os";
import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import type { PostgresAddress, PostgresServer } from "../environment/postgres/postgres-server.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { findPgBouncer, PgBouncer } from "../environment/pgbouncer.ts";
import type { Endpoint, Link, ToxiproxyServer } from "../environment/toxiproxy/toxiproxy-server.ts";
import { startToxiproxy } from "../environment/toxiproxy/toxiproxy-servers.ts";
import type { EnvironmentFacts } from "../history/header.ts";
import type { EnvironmentSpec } from "../scenario/scenario.ts";
import type { BackendSharing } from "../service/bot-connection.ts";
import { ControlDatabase } from "../service/control-database.ts";

/** All that a run stands on. Disposing it stops what was started, in the reverse order. */
export interface Environment extends AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly control: ControlDatabase;
  /** Where bots connect: through the link, or straight where there is no proxy. */
  readonly botAddress: PostgresAddress;
  /** How bots share backends; absent: they do not. */
  readonly pool?: BackendSharing | undefined;
  /** HarnessError (usage) where there is no such link. */
  readonly link: (name: string) => Link;
  /**
   * Puts a link of that name before an endpoint, for faults to aim at, in the place of the one it had before; null where
   * there is no proxy. `place` tells the links of a name apart.
   */
  readonly addLink: (name: string, upstream: Endpoint, place: number) => Promise<Link | null>;
  readonly facts: EnvironmentFacts;
  /** Capabilities by which a scenario is run or skipped. */
  readonly capabilities: ReadonlySet<string>;
}

export interface EnvironmentRequest {
  readonly spec: EnvironmentSpec;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export async function startEnvironment(request: EnvironmentRequest): Promise<Environment> {
  const { spec, seed, signal } = request;
  await using stack = new Disposal();
  const { postgres, toxiproxy } = await startBoth(spec, seed, signal);
  stack.use(postgres);
  if (toxiproxy !== null) stack.use(toxiproxy);
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const pgbouncer = await startPgBouncer(request, postgres);
  if (pgbouncer !== null) stack.use(pgbouncer);
  const links = await createLinks({ spec, postgres, toxiproxy, pgbouncer });
  const facts = await gatherFacts({ spec, postgres, toxiproxy, pgbouncer, control });
  const owned = stack.move();
  return {
    postgres,
    control,
    botAddress: { ...postgres.address, ...(links.get("postgres")?.listen ?? pgbouncer?.listen) },
    pool: spec.pooler && { keepsStatements: pgbouncer?.keepsStatements ?? true },
    link: (name) => links.get(name) ?? noLink(name, spec),
    addLink: async (name, upstream, place) => {
      if (toxiproxy === null) return null;
      const link = await toxiproxy.createLink({ name: `${name}-${place}`, upstream });
      links.set(name, link);
      return link;
    },
    facts,
    capabilities: new Set<string>([
      ...postgres.capabilities,
      ...(toxiproxy?.capabilities ?? []),
      ...(findPgBouncer() === undefined ? [] : ["pgbouncer"]),
    ]),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

interface Servers {
  readonly postgres: PostgresServer;
  readonly toxiproxy: ToxiproxyServer | null;
}

/** Side by side, because each waits mostly for its own; if one cannot be had the other is stopped again. */
async function startBoth(
  spec: EnvironmentSpec,
  seed: number,
  signal: AbortSignal,
): Promise<Servers> {
  const { settings, images, diskMb } = spec;
  const [postgres, toxiproxy] = await Promise.allSettled([
    startPostgres({ server: spec.postgres, settings, image: images.postgres, diskMb, signal }),
    spec.toxiproxy === "off"
      ? null
      : startToxiproxy({ server: spec.toxiproxy, image: images.toxiproxy, seed, signal }),
  ]);
  if (postgres.status === "fulfilled" && toxiproxy.status === "fulfilled") {
    return { postgres: postgres.value, toxiproxy: toxiproxy.value };
  }
  if (postgres.status === "fulfilled") await postgres.value.stop();
  if (toxiproxy.status === "fulfilled") await toxiproxy.value?.stop();
  throw postgres.status === "rejected"
    ? postgres.reason
    : (toxiproxy as PromiseRejectedResult).reason;
}

/** Null: the scenario wants none, or the machine has none, and the scenario is skipped. */
async function startPgBouncer(
  { spec, signal }: EnvironmentRequest,
  { address, schema }: PostgresServer,
): Promise<PgBouncer | null> {
  if (spec.pooler?.kind !== "pgbouncer" || findPgBouncer() === undefined) return null;
  return await PgBouncer.start({ address, schema, size: spec.pooler.size, signal });
}

async function createLinks(parts: {
  readonly spec: EnvironmentSpec;
  readonly postgres: PostgresServer;
  readonly toxiproxy: ToxiproxyServer | null;
  readonly pgbouncer: PgBouncer | null;
}): Promise<Map<string, Link>> {
  const { spec, postgres, toxiproxy, pgbouncer } = parts;
  const links = new Map<string, Link>();
  if (toxiproxy === null) return links;
  const { host, port } = postgres.address;
  const server = { host, port };
  const bots = { name: "postgres", upstream: pgbouncer?.listen ?? server };
  // One that cannot pool lacks the capability, and the scenario is skipped.
  const pools = spec.pooler?.kind === "proxy" && toxiproxy.capabilities.has("pooling");
  const pool = pools ? { poolSize: spec.pooler?.size } : {};
  links.set("postgres", await toxiproxy.createLink({ ...bots, ...pool }));
  if (postgres.capabilities.has("standby")) {
    const name = "replication";
    links.set(name, await toxiproxy.createLink({ name, upstream: server }));
  }
  return links;
}

function noLink(name: string, spec: EnvironmentSpec): never {
  const hint =
    spec.toxiproxy === "off"
      ? "leave --toxiproxy off away: a fault on a link needs a proxy"
      : "the links of a run are: postgres, replication where the server can have a standby, and service where the target is reached over HTTP";
  throw new HarnessError({ kind: "usage", what: `there is no link "${name}"`, hint });
}

/** Settings that decide what a claim costs and what a crash loses; the report states them. */
const reportedSettings = [
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_level",
  "max_connections",
  "shared_buffers",
  "default_transaction_isolation",
];

async function gatherFacts(parts: {
  readonly spec: EnvironmentSpec;
  readonly postgres: PostgresServer;
  readonly toxiproxy: ToxiproxyServer | null;
  readonly pgbouncer: PgBouncer | null;
  readonly control: ControlDatabase;
}): Promise<EnvironmentFacts> {
  const { spec, postgres, toxiproxy, pgbouncer, control } = parts;
  const names = [...reportedSettings, ...Object.keys(spec.settings)];
  const rows = await control.query(
    "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY ($1) ORDER BY name",
    [names],
  );
  const processors = cpus();
  return {
    postgres: postgres.description,
    toxiproxy: toxiproxy?.description ?? "none",
    node: process.version,
    platform: `${platform()} ${release()}`,
    cpus: processors.length,
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    versions: {
      doubletake: packageVersion(),
      postgres: postgres.version,
      ...(toxiproxy === null ? {} : { toxiproxy: toxiproxy.version }),
      ...(pgbouncer === null ? {} : { pgbouncer: pgbouncer.version }),
    },
    settings: Object.fromEntries(rows.map((row) => [String(row["name"]), String(row["value"])])),
  };
}
