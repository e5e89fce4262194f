import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeLeftovers, runFolders } from "../../src/environment/leftovers.ts";
import { findPgBouncer, PgBouncer } from "../../src/environment/pgbouncer.ts";
import type { PostgresAddress } from "../../src/environment/postgres/postgres-server.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import type { BackendSharing, StatementResult } from "../../src/service/bot-connection.ts";
import { BotSessions } from "../../src/service/bot-sessions.ts";
import { endPooledBackends } from "../../src/service/pooled-backends.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { needsPgBouncer } from "../setup/machine.ts";
import { everythingGone } from "./processes.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

useTemporaryFolder();
const isHere = needsPgBouncer(findPgBouncer() !== undefined, "PgBouncer as the pooler of a run");

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

interface Pooled extends AsyncDisposable {
  readonly address: PostgresAddress;
  readonly pool: BackendSharing;
}

const size = 2;

async function pgbouncer(): Promise<Pooled> {
  const { address, control } = database;
  const started = await PgBouncer.start({ address, schema: control.schema, size });
  return {
    address: { ...address, ...started.listen },
    pool: started,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

async function proxy(): Promise<Pooled> {
  const server: ToxiproxyServer = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { host, port } = database.address;
  const link = await server.createLink({ name: "pool", upstream: { host, port }, poolSize: size });
  return {
    address: { ...database.address, ...link.listen },
    pool: { keepsStatements: true },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function sessionsOn({ address, pool }: Pooled, bots: number): BotSessions {
  const { schema } = database.control;
  const onConnection = (): void => undefined;
  const options = { address, schema, bots, pool, onConnection, statementMs: 10_000 };
  return new BotSessions({ ...options, connections: "per-bot" });
}

async function ask(
  sessions: BotSessions,
  bot: number,
  statement: { text: string; name?: string; values?: readonly unknown[] },
): Promise<StatementResult["rows"]> {
  const outcome = await sessions.with(bot, async (connection) => ({
    kind: "ok" as const,
    value: (await connection.query(statement)).rows,
  }));
  if (outcome.kind !== "ok") throw new Error(`bot ${bot} was not answered: ${outcome.kind}`);
  return outcome.value;
}

describe.each([
  { name: "the proxy's pooler", start: proxy, isHere: true },
  { name: "PgBouncer", start: pgbouncer, isHere },
])("$name", ({ start, isHere: canRun }) => {
  it.runIf(canRun)("shares its backends among all bots, and names find our tables", async () => {
    await using pooled = await start();
    await using sessions = sessionsOn(pooled, 6);
    const pids = new Set<unknown>();
    const text = "SELECT pg_backend_pid(), current_schema()::text, $1::int";
    for (let turn = 0; turn < 3; turn++) {
      const asked = [1, 2, 3, 4, 5, 6].map((bot) =>
        ask(sessions, bot, { name: "who", text, values: [bot] }),
      );
      for (const [index, [row]] of (await Promise.all(asked)).entries()) {
        pids.add(row?.[0]);
        expect(row?.slice(1)).toEqual([database.control.schema, index + 1]);
      }
    }
    expect(pids.size).toBeLessThanOrEqual(size);
  });

  it.runIf(canRun)("keeps what a session left behind, until its backends are ended", async () => {
    await using pooled = await start();
    await using sessions = sessionsOn(pooled, 2);
    await ask(sessions, 1, { text: "SELECT pg_advisory_lock(4711)" });
    const held = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711";
    await sessions[Symbol.asyncDispose]();
    expect(await database.control.query(held)).toHaveLength(1);
    await endPooledBackends(database.control);
    expect(await database.control.query(held)).toEqual([]);
    await using again = sessionsOn(pooled, 2);
    expect(await ask(again, 1, { text: "SELECT 1 AS one" })).toHaveLength(1);
  });
});

it.runIf(isHere)("is gone with its folder when the run is over", async () => {
  const { address, control } = database;
  const started = await PgBouncer.start({ address, schema: control.schema, size });
  const [folder] = await runFolders();
  expect(folder).toMatchObject({ state: "alive" });
  expect(await removeLeftovers()).toEqual([]);
  await started[Symbol.asyncDispose]();
  expect(await everythingGone(folder?.path ?? "")).toBe(true);
});

it.runIf(isHere)("a server that wants TLS is one clear message", async () => {
  const { address, control } = database;
  const request = { address: { ...address, ssl: true }, schema: control.schema, size };
  await expect(PgBouncer.start(request)).rejects.toThrow("is encrypted");
});
