import { connect } from "node:net";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { ProxyServer } from "../../../src/proxy/server.ts";
import { openDatabase } from "../../setup/database.ts";
import { ApiClient } from "../api-client.ts";
import { wire } from "./wire.ts";

let server: ProxyServer;
let api: ApiClient;
let port: number;
let clients: Client[];

beforeEach(async () => {
  server = await ProxyServer.start({ seed: 1 });
  api = new ApiClient(server.url);
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
  await server.stop();
});

async function openPool(size: number): Promise<void> {
  const { host, port: upstream } = inject("postgres");
  const body = { name: "pool", listen: "127.0.0.1:0", upstream: `${host}:${upstream}` };
  const { listen, pool } = await api.must("POST", "/proxies", { ...body, pool: { size } });
  expect(pool).toEqual({ mode: "transaction", size });
  port = Number(String(listen).split(":").at(-1));
}

/** A client through the pool. */
async function join(): Promise<Client> {
  const { user, password, database } = inject("postgres");
  const client = new Client({ host: "127.0.0.1", port, user, password, database, ssl: false });
  client.on("error", () => {});
  clients.push(client);
  await client.connect();
  return client;
}

async function joinAll(count: number): Promise<readonly Client[]> {
  return await Promise.all(Array.from({ length: count }, () => join()));
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

interface PoolState {
  readonly clients: number;
  readonly waiting: number;
  readonly backends: readonly { readonly pid: number; readonly busy: boolean }[];
}

async function poolState(): Promise<PoolState> {
  return (await api.must("GET", "/proxies/pool/pool")) as unknown as PoolState;
}

async function expectState(condition: (state: PoolState) => boolean): Promise<void> {
  const holds = async (): Promise<boolean> => condition(await poolState());
  expect(await waitUntil(holds, { ms: 20_000, everyMs: 5 })).toBe(true);
}

describe("a proxy with a pool, in front of a real PostgreSQL", () => {
  it("many clients share few backends, and each moves between them", async () => {
    await openPool(3);
    const bots = await joinAll(12);
    const pids = await Promise.all(
      bots.map(async (bot) => {
        const own: number[] = [];
        for (let i = 0; i < 20; i++) own.push(await pidOf(bot));
        return own;
      }),
    );
    expect(new Set(pids.flat()).size).toBe(3);
    for (const own of pids) expect(new Set(own).size).toBeGreaterThan(1);
    const { backends, clients: joined } = await poolState();
    expect(new Set(backends.map(({ pid }) => pid))).toEqual(new Set(pids.flat()));
    expect(joined).toBe(12);
  });

  it("an idle client's next transaction goes to another backend", async () => {
    await openPool(2);
    const [bot] = await joinAll(2);
    const pids: number[] = [];
    for (let i = 0; i < 6; i++) pids.push(await pidOf(bot as Client));
    expect(pids[0]).not.toBe(pids[1]);
    expect(pids).toEqual([0, 1, 2, 3, 4, 5].map((i) => pids[i % 2]));
  });

  it("a session's advisory lock stays on a backend, where another client finds it its own", async () => {
    await openPool(2);
    const [one, other] = (await joinAll(2)) as [Client, Client];
    const lock = "SELECT pg_try_advisory_lock(8474) AS locked, pg_backend_pid() AS pid";
    const first = (await one.query<{ locked: boolean; pid: number }>(lock)).rows[0];
    // The same client again: the other backend, which is refused what "it" holds.
    const second = (await one.query<{ locked: boolean; pid: number }>(lock)).rows[0];
    const third = (await other.query<{ locked: boolean; pid: number }>(lock)).rows[0];
    expect([first?.locked, second?.locked, third?.locked]).toEqual([true, false, true]);
    expect(second?.pid).not.toBe(first?.pid);
    expect(third?.pid).toBe(first?.pid);
  });

  it("a transaction keeps its backend, and COMMIT and ROLLBACK release it", async () => {
    await openPool(1);
    const [holder, waiter] = (await joinAll(2)) as [Client, Client];
    for (const ending of ["COMMIT", "ROLLBACK"]) {
      await holder.query("BEGIN");
      const pid = await pidOf(holder);
      const waiting = pidOf(waiter);
      await expectState((state) => state.waiting === 1);
      expect(await pidOf(holder)).toBe(pid);
      await holder.query(ending);
      expect(await waiting).toBe(pid);
      await expectState(({ backends }) => backends.every(({ busy }) => !busy));
    }
  });

  it("a transaction that failed keeps its backend until it is rolled back", async () => {
    await openPool(1);
    const [holder, waiter] = (await joinAll(2)) as [Client, Client];
    await holder.query("BEGIN");
    await expect(holder.query("SELECT 1 / 0")).rejects.toThrow("division by zero");
    const waiting = waiter.query("SELECT 1 AS one");
    await expectState((state) => state.waiting === 1);
    await expect(holder.query("SELECT 2")).rejects.toThrow("current transaction is aborted");
    await holder.query("ROLLBACK");
    expect((await waiting).rows).toEqual([{ one: 1 }]);
  });

  it("a client that goes in the middle of a transaction leaves nothing to the next", async () => {
    await using database = await openDatabase();
    await openPool(1);
    const table = `${database.control.schema}.dirty`;
    await database.control.query(`CREATE TABLE ${table} (n int)`);
    const leaver = await join();
    await leaver.query("BEGIN");
    await leaver.query(`INSERT INTO ${table} VALUES (1)`);
    const pid = await pidOf(leaver);
    (
      leaver as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
    await expectState(({ backends }) => backends.length === 0);
    const next = await join();
    const { rows } = await next.query<{ pid: number; rows: number; xid: unknown }>(
      `SELECT pg_backend_pid() AS pid, count(*)::int AS rows, pg_current_xact_id_if_assigned() AS xid FROM ${table}`,
    );
    expect(rows[0]?.pid).not.toBe(pid);
    expect(rows[0]).toMatchObject({ rows: 0, xid: null });
  });

  it("a client that goes while its statement runs leaves no backend to the next", async () => {
    await openPool(1);
    const leaver = await join();
    const running = leaver.query("SELECT pg_sleep(600)").catch(() => {});
    await expectState(({ backends }) => backends[0]?.busy === true);
    const [{ pid } = {}] = (await poolState()).backends;
    (
      leaver as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
    await running;
    await expectState(({ backends }) => backends.length === 0);
    const next = await join();
    expect(await pidOf(next)).not.toBe(pid);
    // The server does not look at its socket while it sleeps.
    await next.query("SELECT pg_terminate_backend($1)", [pid]);
  });

  it("a cancel request meets its own client's statement, and never the next one's", async () => {
    await openPool(1);
    const [sleeper, other] = (await joinAll(2)) as [Client, Client];
    for (let i = 0; i < 10; i++) {
      const sleeping = sleeper.query("SELECT pg_sleep(600)").catch((error: Error) => error.message);
      const next = other.query("SELECT 1 AS one");
      await expectState((state) => state.waiting === 1);
      await cancel(sleeper);
      expect(await sleeping).toContain("canceling statement due to user request");
      // A second request, that comes when the statement is over.
      const late = cancel(sleeper);
      expect((await next).rows).toEqual([{ one: 1 }]);
      expect((await other.query("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
      await late;
    }
  });

  it("prepared statements follow their client to every backend", async () => {
    await openPool(3);
    const bots = await joinAll(6);
    await Promise.all(
      bots.map(async (bot, i) => {
        // The same name in every client, for another statement in each.
        const claim = { name: "claim", text: `SELECT $1::int + ${i} AS sum` };
        for (let n = 0; n < 30; n++) {
          const { rows } = await bot.query({ ...claim, values: [n] });
          expect(rows).toEqual([{ sum: n + i }]);
        }
      }),
    );
  });

  it("a statement that fails does not take its preparation for done", async () => {
    await openPool(2);
    const [bot] = (await joinAll(2)) as [Client, Client];
    const divide = { name: "divide", text: "SELECT 10 / $1::int AS quotient" };
    await bot.query("BEGIN");
    await expect(bot.query("SELECT wrong")).rejects.toThrow('column "wrong" does not exist');
    await expect(bot.query({ ...divide, values: [1] })).rejects.toThrow("transaction is aborted");
    await bot.query("ROLLBACK");
    for (let n = 0; n < 4; n++) {
      await expect(bot.query({ ...divide, values: [0] })).rejects.toThrow("division by zero");
      expect((await bot.query({ ...divide, values: [5] })).rows).toEqual([{ quotient: 2 }]);
    }
  });

  it("more prepared statements than a backend keeps, one after the other and again", async () => {
    await openPool(1);
    const bot = await join();
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 250; n++) {
        const { rows } = await bot.query({ name: `s${n}`, text: `SELECT ${n} AS n`, values: [] });
        expect(rows).toEqual([{ n }]);
      }
    }
    const kept = await bot.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_prepared_statements",
    );
    expect(kept.rows[0]?.n).toBeLessThanOrEqual(200);
    await bot.query("DEALLOCATE ALL");
    expect((await bot.query({ name: "s249", text: "SELECT 249 AS n", values: [] })).rows).toEqual([
      { n: 249 },
    ]);
  });

  it("a large statement and a large answer pass", async () => {
    await openPool(1);
    const [bot, other] = (await joinAll(2)) as [Client, Client];
    const text = "x".repeat(3_000_000);
    const { rows } = await bot.query<{ text: string }>(`SELECT '${text}' AS text`);
    expect(rows[0]?.text).toBe(text);
    const bound = await bot.query<{ text: string }>("SELECT $1::text AS text", [text]);
    expect(bound.rows[0]?.text).toBe(text);
    expect((await other.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("a backend that is terminated takes its client along, and the pool fills up again", async () => {
    await using database = await openDatabase();
    await openPool(1);
    const bot = await join();
    await bot.query("BEGIN");
    const pid = await pidOf(bot);
    await database.control.query(`SELECT pg_terminate_backend(${pid})`);
    await expectState(({ backends }) => backends.length === 0);
    await expect(bot.query("SELECT 1")).rejects.toThrow(/not queryable|terminat/);
    expect(await pidOf(await join())).not.toBe(pid);
  });

  it("a client that finds no backend any more is told to connect again", async () => {
    await using database = await openDatabase();
    await openPool(1);
    const bot = await join();
    await database.control.query(`SELECT pg_terminate_backend(${await pidOf(bot)})`);
    await expectState(({ backends }) => backends.length === 0);
    await expect(bot.query("SELECT 1")).rejects.toMatchObject({ code: "08006" });
    expect((await (await join()).query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("a wrong password is the server's to refuse, and costs the others nothing", async () => {
    await openPool(2);
    const { user, database } = inject("postgres");
    const wrong = new Client({ host: "127.0.0.1", port, user, password: "wrong", database });
    wrong.on("error", () => {});
    await expect(wrong.connect()).rejects.toThrow("password authentication failed");
    await expectState(({ backends }) => backends.length === 0);
    const bots = await joinAll(4);
    for (const bot of bots) expect((await bot.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("no job is claimed twice by 10 clients on 3 backends", async () => {
    await using database = await openDatabase();
    await openPool(3);
    const table = `${database.control.schema}.queue`;
    await database.control.query(`CREATE TABLE ${table} AS SELECT generate_series(1, 200) AS job`);
    const claim = {
      name: "claim",
      text: `DELETE FROM ${table} WHERE job = (SELECT job FROM ${table} LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING job`,
    };
    const bots = await joinAll(10);
    const claims = await Promise.all(
      bots.map(async (bot) => {
        const jobs: number[] = [];
        for (;;) {
          await bot.query("BEGIN");
          const { rows } = await bot.query<{ job: number }>(claim);
          await bot.query("COMMIT");
          const [row] = rows;
          if (row === undefined) return jobs;
          jobs.push(row.job);
        }
      }),
    );
    expect(claims.flat().toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  });

  it("toxics stand before the pool: a COMMIT that is not answered is committed", async () => {
    await using database = await openDatabase();
    await openPool(2);
    const table = `${database.control.schema}.settled`;
    await database.control.query(`CREATE TABLE ${table} (job int)`);
    const bot = await join();
    const attributes = { moment: "commit-unanswered", sql: `insert into ${table}` };
    await api.toxic("pool", { name: "cut", type: "postgres_cut", attributes });
    await bot.query("BEGIN");
    await bot.query(`INSERT INTO ${table} VALUES (1)`);
    await expect(bot.query("COMMIT")).rejects.toThrow("Connection terminated");
    expect(await database.control.query(`SELECT job FROM ${table}`)).toEqual([{ job: 1 }]);
  });

  it.each([
    ["noise", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a startup of too many bytes", Buffer.alloc(20_000, 0x7f)],
    ["a cancel request for nobody", wire.cancelRequest(1)],
    ["a type that is none", Buffer.concat([wire.startup(), Buffer.alloc(50)])],
  ])("closes the connection of %s, and serves the next", async (_what, bytes) => {
    await openPool(1);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume().write(bytes);
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await (await join()).query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it.each([
    [{ size: 0 }, "pool.size must be a whole number from 1"],
    [{ size: "2" }, "pool.size must be a whole number from 1"],
    [{ mode: "session", size: 2 }, "pool.mode must be"],
  ])("refuses the pool %j", async (pool, message) => {
    const body = { name: "wrong", listen: "127.0.0.1:0", upstream: "127.0.0.1:1", pool };
    const { status, text } = await api.post("/proxies", body);
    expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  });

  it("a proxy without a pool has none to show", async () => {
    await api.proxy("plain", "127.0.0.1:1");
    expect((await api.get("/proxies/plain/pool")).status).toBe(404);
  });
});

/** As libpq does: a connection of its own, with the key that the client was given; over once the server has closed it. */
async function cancel(client: Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const request = wire.cancelRequest(processID);
  request.writeInt32BE(secretKey, 12);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume().write(request);
  await new Promise((resolve) => socket.once("close", resolve));
}
