import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WorkBrake } from "../../src/bots/work-brake.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { killConnection } from "../../src/chaos/kill-connection.ts";
import { slowWork } from "../../src/chaos/slow-work.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import type { BotConnection } from "../../src/service/bot-connection.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { application, openBot, serverOf } from "./bot-at-work.ts";
import { faultContext } from "./fault-context.ts";

let database: TestDatabase;
let bot: BotConnection;
let tally: LoadTally;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await fillTables(database.control, { bots: 1, jobs: 3 });
  tally = new LoadTally();
  bot = await openBot(database);
  return () => bot.close();
});

const context = (): FaultContext =>
  faultContext({
    control: database.control,
    server: serverOf(database),
    application,
    told: tally,
  });

/** What the bot is told, noted as a round would. */
async function told(text: string): Promise<string> {
  try {
    await bot.query({ text });
    return "ok";
  } catch (error) {
    const code = (error as { code?: string }).code ?? "lost";
    tally.observe({ op: "claim", type: "failed", bot: 1, code });
    return code;
  }
}

const strike = (
  state: "idle-in-transaction" | "active-in-claim" | "waiting-for-lock" | "holding-advisory-lock",
  action: "terminate" | "cancel" = "terminate",
) => killConnection.create({ state, action }, context()).inject();

const idle = "no bot was seen in that state";

describe("kill-connection by state", () => {
  it("strikes a backend that is idle in its transaction, and none that is idle outside one", async () => {
    expect(await strike("idle-in-transaction")).toMatchObject({ outcome: "missed", note: idle });
    await bot.query({ text: "BEGIN" });
    expect(await strike("idle-in-transaction")).toMatchObject({ outcome: "hit" });
    await expect.poll(() => bot.isOpen).toBe(false);
  });

  it("strikes the holder of an advisory lock, and the lock is free", async () => {
    const key = "hashtextextended(current_schema(), 7)";
    expect(await strike("holding-advisory-lock")).toMatchObject({ outcome: "missed", note: idle });
    await bot.query({ text: `SELECT pg_advisory_lock(${key})` });
    expect(await strike("holding-advisory-lock")).toMatchObject({ outcome: "hit" });
    const [row] = await database.control.query(`SELECT pg_try_advisory_xact_lock(${key}) AS free`);
    expect(row?.["free"]).toBe(true);
  });

  it("cancels a statement that waits for a lock; the connection stays", async () => {
    await database.control.withConnection(async (client) => {
      await client.query("BEGIN; SELECT FROM jobs FOR UPDATE");
      const waiting = told("UPDATE jobs SET version = 9");
      expect(await strike("waiting-for-lock", "cancel")).toMatchObject({ outcome: "hit" });
      expect(await waiting).toBe("57014");
    });
    expect(await told("SELECT 1")).toBe("ok");
  });

  it("strikes a claim that is being carried out", async () => {
    const claiming = told(
      "SELECT id FROM jobs, pg_sleep(20) WHERE status = 'pending' FOR UPDATE OF jobs SKIP LOCKED",
    );
    expect(await strike("active-in-claim")).toMatchObject({ outcome: "hit" });
    expect(await claiming).toBe("57P01");
  });
});

describe("slow-work", () => {
  it("makes work longer while it stands, and counts the jobs", async () => {
    const work = new WorkBrake();
    const fault = slowWork.create({ extra: 300 }, faultContext({ work }));
    expect(work.extraMs()).toBe(0);
    await fault.inject();
    expect(await fault.witnessed?.()).toEqual([]);
    expect([work.extraMs(), work.extraMs()]).toEqual([300, 300]);
    expect(await fault.witnessed?.()).toEqual([{ aim: "2 jobs took 300 ms longer" }]);
    await fault.heal();
    await fault.heal();
    expect(work.extraMs()).toBe(0);
  });
});
