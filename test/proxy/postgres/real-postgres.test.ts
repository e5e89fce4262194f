import { Client } from "pg";
import type { ClientConfig } from "pg";
import { describe, expect, inject, it } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { ProxyServer } from "../../../src/proxy/server.ts";
import type { ControlDatabase } from "../../../src/service/control-database.ts";
import { ApiClient } from "../api-client.ts";
import { openDatabase } from "../../setup/database.ts";

interface Bench extends AsyncDisposable {
  readonly api: ApiClient;
  /** Through the proxy. */
  connect(ssl?: ClientConfig["ssl"]): Promise<Client>;
}

async function openBench(): Promise<Bench> {
  const server = await ProxyServer.start({ seed: 1 });
  const api = new ApiClient(server.url);
  const { host, port, user, password, database } = inject("postgres");
  const listen = await api.proxy("postgres", `${host}:${port}`);
  return {
    api,
    async connect(ssl = false) {
      const proxied = { host: "127.0.0.1", port: Number(listen.split(":")[1]) };
      const client = new Client({ ...proxied, user, password, database, ssl });
      client.on("error", () => {});
      await client.connect();
      return client;
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function insertInTransaction(client: Client, table: string): Promise<void> {
  await client.query("BEGIN");
  await client.query(`INSERT INTO ${table} VALUES (1)`);
  await client.query("COMMIT");
}

async function hitsOf(bench: Bench): Promise<readonly Record<string, unknown>[]> {
  return (await bench.api.events("postgres")).filter(({ kind }) => kind === "toxic");
}

/** The lock conflicts with the insert's: it is had once the backend's transaction has ended, either way. */
function countRows(control: ControlDatabase, table: string): Promise<unknown> {
  return control.withConnection(async (client) => {
    await client.query("BEGIN");
    await client.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
    const counted = await client.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${table}`,
    );
    return counted.rows[0]?.rows;
  });
}

/** Four truths that look the same to a client: its connection broke. Only the table knows which it was. */
const cases = [
  { moment: "before", committed: false },
  { moment: "after", committed: false },
  { moment: "commit-withheld", committed: false },
  { moment: "commit-unanswered", committed: true },
] as const;

describe("postgres_cut in front of a real PostgreSQL", () => {
  it.each(cases)("$moment: committed is $committed", async ({ moment, committed }) => {
    await using database = await openDatabase();
    await using bench = await openBench();
    const table = `${database.control.schema}.settled`;
    await database.control.query(`CREATE TABLE ${table} (job int)`);
    const client = await bench.connect();
    const backend = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await bench.api.toxic("postgres", {
      name: "cut",
      type: "postgres_cut",
      attributes: { moment, sql: `insert into ${table}` },
    });
    await expect(insertInTransaction(client, table)).rejects.toThrow("Connection terminated");
    const events = await bench.api.events("postgres");
    const hits = events.filter(({ kind }) => kind === "toxic");
    expect(hits).toMatchObject([{ toxic: "cut", moment, pid: backend.rows[0]?.pid }]);
    expect(await countRows(database.control, table)).toBe(committed ? 1 : 0);
  });

  it("blackhole: the backend sits in its transaction and keeps the row's lock, until it is healed", async () => {
    await using database = await openDatabase();
    await using bench = await openBench();
    const table = `${database.control.schema}.held`;
    await database.control.query(`CREATE TABLE ${table} AS SELECT 1 AS job`);
    const client = await bench.connect();
    const attributes = { moment: "blackhole", sql: `update ${table}` };
    const toxic = { name: "hole", type: "postgres_cut", attributes };
    const path = await bench.api.toxic("postgres", toxic);
    await client.query("BEGIN");
    const unanswered = client.query(`UPDATE ${table} SET job = 2`).catch(String);
    const hit = async (): Promise<boolean> => (await hitsOf(bench)).length > 0;
    expect(await waitUntil(hit, { ms: 20_000, everyMs: 5 })).toBe(true);
    const [{ pid } = {}] = await hitsOf(bench);
    const skipLocked = `SELECT job FROM ${table} FOR UPDATE SKIP LOCKED`;
    expect(await database.control.query(skipLocked)).toEqual([]);
    const state = `SELECT state FROM pg_stat_activity WHERE pid = ${Number(pid)}`;
    expect(await database.control.query(state)).toEqual([{ state: "idle in transaction" }]);
    await bench.api.must("DELETE", path);
    expect(await unanswered).toContain("Connection terminated");
    const isFree = async (): Promise<boolean> =>
      (await database.control.query(skipLocked)).length === 1;
    expect(await waitUntil(isFree, { ms: 20_000, everyMs: 20 })).toBe(true);
  });

  it("truncate: executed, and the client's connection breaks in the middle of a row", async () => {
    await using database = await openDatabase();
    await using bench = await openBench();
    const table = `${database.control.schema}.truncated`;
    await database.control.query(`CREATE TABLE ${table} (job int)`);
    const client = await bench.connect();
    const attributes = { moment: "truncate", sql: `insert into ${table}` };
    await bench.api.toxic("postgres", { name: "half", type: "postgres_cut", attributes });
    const insert = `INSERT INTO ${table} VALUES (1) RETURNING repeat('x', 1000)`;
    await expect(client.query(insert)).rejects.toThrow("Connection terminated");
    expect(await countRows(database.control, table)).toBe(1);
  });

  it("refuses TLS to a client that insists on it", async () => {
    await using bench = await openBench();
    await bench.api.toxic("postgres", { name: "cut", type: "postgres_cut" });
    await expect(bench.connect({ rejectUnauthorized: false })).rejects.toThrow(
      "The server does not support SSL connections",
    );
    const notices = (await bench.api.events("postgres")).filter(({ kind }) => kind === "notice");
    expect(notices).toMatchObject([{ message: expect.stringContaining("encryption was refused") }]);
  });

  it("meets prepared statements by name, on connections older than the toxic", async () => {
    await using bench = await openBench();
    const client = await bench.connect();
    const claim = { name: "claim", text: "SELECT $1::int AS n", values: [1] };
    await client.query(claim);
    const attributes = { moment: "truncate", name: "claim" };
    await bench.api.toxic("postgres", { name: "cut", type: "postgres_cut", attributes });
    expect((await client.query("SELECT 2 AS n")).rows).toEqual([{ n: 2 }]);
    await expect(client.query(claim)).rejects.toThrow("Connection terminated");
  });
});
