import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { BotSessions } from "../../src/service/bot-sessions.ts";
import type { Outcome } from "../../src/service/outcome.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 2, jobs: 2 });
});
afterAll(() => database[Symbol.asyncDispose]());

function newConnection(name: string): { connection: BotConnection; events: EventEmitter } {
  const events = new EventEmitter();
  const { address, control } = database;
  const onEvent = (event: string, code?: string): void => void events.emit(event, code);
  const options = { address, schema: control.schema, name, statementMs: 5000, onEvent };
  return { connection: new BotConnection(options, { statements: 0, roundTrips: 0 }), events };
}

const pidsOf = async (name: string): Promise<number[]> => {
  const rows = await database.control.query(
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1",
    [name],
  );
  return rows.map((row) => Number(row["pid"]));
};

describe("a bot's connection", () => {
  it("tells that it was opened, and lost when its backend is terminated", async () => {
    const { connection, events } = newConnection("doubletake-bot-lost");
    const opened = once(events, "opened");
    await connection.open();
    await opened;
    const lost = once(events, "lost");
    const [pid] = await pidsOf("doubletake-bot-lost");
    await database.control.query("SELECT pg_terminate_backend($1)", [pid]);
    expect((await lost)[0]).toBe("57P01");
    expect(connection.isOpen).toBe(false);
  });

  it("is not replaced before the backend it had is gone", async () => {
    const name = "doubletake-bot-former";
    const { connection, events } = newConnection(name);
    await connection.open();
    const [former] = await pidsOf(name);
    // The server is still busy with the statement when the bot has given it up.
    const answer = connection.query({ text: "SELECT pg_sleep(30)" }).catch(() => "lost");
    const lost = once(events, "lost");
    connection.abandon();
    await lost;
    expect(await answer).toBe("lost");
    await connection.open();
    const now = await pidsOf(name);
    expect(now).toHaveLength(1);
    expect(now[0]).not.toBe(former);
    await connection.close();
  });

  it("gives up a statement that is not answered", async () => {
    const { address, control } = database;
    const options = {
      address,
      schema: control.schema,
      name: "doubletake-bot-slow",
      statementMs: 50,
    };
    const connection = new BotConnection(
      { ...options, onEvent: () => undefined },
      { statements: 0, roundTrips: 0 },
    );
    await connection.open();
    await expect(connection.query({ text: "SELECT pg_sleep(30)" })).rejects.toThrow(/timeout/);
    expect(connection.isOpen).toBe(false);
  });
});

describe("the bots' connections", () => {
  it("are shared where there are fewer than bots, one statement at a time each", async () => {
    const { address, control } = database;
    await using sessions = new BotSessions({
      address,
      schema: control.schema,
      bots: 10,
      connections: 2,
      statementMs: 5000,
      onConnection: () => undefined,
    });
    let inUse = 0;
    let mostInUse = 0;
    const use = (bot: number): Promise<Outcome<number>> =>
      sessions.with(bot, async (connection) => {
        mostInUse = Math.max(mostInUse, ++inUse);
        const { rows } = await connection.query({ text: "SELECT pg_backend_pid()" });
        inUse--;
        return { kind: "ok", value: Number(rows[0]?.[0]) };
      });
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => use(index + 1)));
    const pids = new Set(outcomes.map((outcome) => (outcome.kind === "ok" ? outcome.value : 0)));
    expect(pids.size).toBe(2);
    expect(mostInUse).toBeLessThanOrEqual(2);
  });

  it("say why a bot cannot connect", async () => {
    const { address, control } = database;
    await using sessions = new BotSessions({
      address: { ...address, port: 1 },
      schema: control.schema,
      bots: 1,
      connections: "per-bot",
      statementMs: 1000,
      onConnection: () => undefined,
    });
    expect(await sessions.connect(1)).toMatchObject({ kind: "failed", code: "ECONNREFUSED" });
  });
});
