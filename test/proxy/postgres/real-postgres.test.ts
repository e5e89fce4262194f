import { Client } from "pg";
import { describe, expect, inject, it } from "vitest";
import { ProxyServer } from "../../../src/proxy/server.ts";
import type { ControlDatabase } from "../../../src/service/control-database.ts";
import { ApiClient } from "../api-client.ts";
import { openDatabase } from "../../setup/database.ts";

interface Bench extends AsyncDisposable {
  readonly api: ApiClient;
  /** Through the proxy. */
  connect(): Promise<Client>;
}

async function openBench(): Promise<Bench> {
  const server = await ProxyServer.start({ seed: 1 });
  const api = new ApiClient(server.url);
  const { host, port, user, password, database } = inject("postgres");
  const listen = await api.proxy("postgres", `${host}:${port}`);
  return {
    api,
    async connect() {
      const proxied = { host: "127.0.0.1", port: Number(listen.split(":")[1]) };
      const client = new Client({ ...proxied, user, password, database, ssl: false });
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
