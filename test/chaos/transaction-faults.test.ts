import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { autovacuumOff } from "../../src/chaos/autovacuum-off.ts";
import { deadlockPartner } from "../../src/chaos/deadlock-partner.ts";
import type { Fault, FaultContext } from "../../src/chaos/fault.ts";
import { foreignKeyInsert } from "../../src/chaos/foreign-key-insert.ts";
import { lockHead } from "../../src/chaos/lock-head.ts";
import { poisonHead } from "../../src/chaos/poison-head.ts";
import { staleStatistics } from "../../src/chaos/stale-statistics.ts";
import { xminHorizon } from "../../src/chaos/xmin-horizon.ts";
import type { BotConnection } from "../../src/service/bot-connection.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { application, claimWith, openBot, serverOf } from "./bot-at-work.ts";
import { faultContext } from "./fault-context.ts";

let database: TestDatabase;
let bot: BotConnection;
const standing: Fault[] = [];

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await fillTables(database.control, { bots: 1, jobs: 300 });
  await database.control.query("VACUUM (ANALYZE) jobs, bots");
  bot = await openBot(database);
  return async () => {
    // A test that failed in its middle must not hold a lock that the next one waits for.
    for (const fault of standing.splice(0)) await fault.heal();
    await bot.close();
  };
});

const context = (): FaultContext =>
  faultContext({ control: database.control, server: serverOf(database), application });

function standingFault(fault: Fault): Fault {
  standing.push(fault);
  return fault;
}

const one = async (sql: string): Promise<unknown> =>
  Object.values((await database.control.query(sql))[0] ?? {})[0];

describe("lock-head", () => {
  it("holds the oldest jobs locked until it is healed, and others pass over them", async () => {
    const fault = standingFault(lockHead.create({ rows: 2 }, context()));
    expect(await fault.inject()).toMatchObject({ outcome: "hit", aim: "job 1" });
    expect(await claimWith(bot, "skip-locked")).toMatchObject({ kind: "ok", value: [{ job: 3 }] });
    await fault.heal();
    await fault.heal();
    const free = await one(
      "SELECT count(*)::int FROM (SELECT FROM jobs WHERE id < 3 FOR UPDATE SKIP LOCKED) AS free",
    );
    expect(free).toBe(2);
  });

  it("says that it missed where no job is pending", async () => {
    await database.control.query("DELETE FROM jobs");
    expect(await standingFault(lockHead.create({ rows: 1 }, context())).inject()).toMatchObject({
      outcome: "missed",
    });
  });
});

describe("xmin-horizon", () => {
  const updates = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      await bot.query({ text: "UPDATE jobs SET version = version + 1 WHERE id = 1" });
    }
  };

  it("keeps dead rows from being removed, and tells how far behind its snapshot is", async () => {
    const fault = standingFault(xminHorizon.create({}, context()));
    await fault.inject();
    await updates(60);
    expect(await fault.witnessed?.()).toHaveLength(1);
    await database.control.query("VACUUM jobs");
    const dead = "SELECT pg_stat_get_dead_tuples('jobs'::regclass)::int";
    expect(await one(dead)).toBeGreaterThanOrEqual(60);
    await fault.heal();
    await fault.heal();
    // Another test's session on this server may have a snapshot of its own, for a moment.
    const deadAfterVacuum = async (): Promise<unknown> => {
      await database.control.query("VACUUM jobs");
      return await one(dead);
    };
    await expect.poll(deadAfterVacuum, { timeout: 20_000 }).toBe(0);
    expect(await fault.witnessed?.()).toEqual([]);
  });

  it("has hit nothing where next to nothing was changed meanwhile", async () => {
    const fault = standingFault(xminHorizon.create({}, context()));
    await fault.inject();
    expect(await fault.witnessed?.()).toEqual([]);
  });
});

describe("foreign-key-insert", () => {
  it("hides jobs from FOR UPDATE and not from FOR NO KEY UPDATE, and leaves nothing behind", async () => {
    const fault = standingFault(foreignKeyInsert.create({ rows: 1 }, context()));
    expect(await fault.inject()).toMatchObject({ outcome: "hit" });
    const oldest = (strength: string): Promise<unknown> =>
      one(`SELECT id::int FROM jobs ORDER BY created_at, id LIMIT 1 FOR ${strength} SKIP LOCKED`);
    expect(await oldest("UPDATE")).toBe(2);
    expect(await oldest("NO KEY UPDATE")).toBe(1);
    await fault.heal();
    await fault.heal();
    expect(await oldest("UPDATE")).toBe(1);
    expect(await one("SELECT to_regclass('fault_notes_fault_1')")).toBeNull();
  });
});

describe("deadlock-partner", () => {
  it("makes the bot the victim, which the bot sees as a conflict, and lets everything go", async () => {
    const injecting = deadlockPartner.create({}, context()).inject();
    const isRowLocked = async (): Promise<boolean> =>
      (await database.control.query("SELECT FROM bots WHERE id = 1 FOR UPDATE SKIP LOCKED"))
        .length === 0;
    await expect.poll(isRowLocked).toBe(true);
    const outcome = await claimWith(bot, "skip-locked");
    expect(await injecting).toMatchObject({ outcome: "hit", note: "job 1" });
    expect(outcome).toMatchObject({ kind: "failed", code: "40P01", retryable: true });
    expect(await claimWith(bot, "skip-locked")).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
  });

  it("sees that the bot was the victim, though the bot claims again and waits again", async () => {
    const injecting = deadlockPartner.create({}, context()).inject();
    const over = new AbortController();
    const claimAgainAndAgain = async (): Promise<string[]> => {
      const codes: string[] = [];
      while (!over.signal.aborted) {
        const outcome = await claimWith(bot, "skip-locked");
        if (outcome.kind === "failed") codes.push(outcome.code);
      }
      return codes;
    };
    const claiming = claimAgainAndAgain();
    const injection = await injecting;
    over.abort();
    expect(injection).toMatchObject({ outcome: "hit" });
    // A second one would be of a second circle, closed for want of a look at the first.
    expect(await claiming).toEqual(["40P01"]);
  });
});

describe("stale-statistics", () => {
  it("makes the planner expect next to no pending job, until it is healed", async () => {
    const expected = async (): Promise<number> => {
      const plan = await one("EXPLAIN (FORMAT JSON) SELECT FROM jobs WHERE status = 'pending'");
      return (plan as [{ Plan: { "Plan Rows": number } }])[0].Plan["Plan Rows"];
    };
    const fault = standingFault(staleStatistics.create({}, context()));
    expect(await fault.inject()).toMatchObject({ outcome: "hit" });
    expect(await expected()).toBeLessThan(30);
    await fault.heal();
    await fault.heal();
    expect(await expected()).toBe(300);
  });
});

describe("autovacuum-off", () => {
  const options = (): Promise<unknown> =>
    one(
      "SELECT count(*)::int FROM pg_class WHERE relname IN ('jobs', 'bots') AND reloptions IS NOT NULL AND relnamespace = to_regnamespace(current_schema())",
    );

  it("is written in the catalog, and counts the dead rows that nobody removes", async () => {
    const fault = standingFault(autovacuumOff.create({}, context()));
    await fault.inject();
    expect(await options()).toBe(2);
    expect(await fault.witnessed?.()).toEqual([]);
    await bot.query({ text: "UPDATE jobs SET version = version + 1" });
    await bot.query({ text: "SELECT pg_stat_force_next_flush()" });
    await expect.poll(async () => (await fault.witnessed?.())?.length).toBe(1);
    await fault.heal();
    await fault.heal();
    expect(await options()).toBe(0);
  });
});

describe("poison-head", () => {
  it("makes the claim of the oldest job one that is refused, until it is healed", async () => {
    const fault = standingFault(poisonHead.create({ rows: 1, skip: 0 }, context()));
    expect(await fault.inject()).toMatchObject({ outcome: "hit", aim: "job 1" });
    const refused = { kind: "failed", code: "23514" };
    expect(await claimWith(bot, "skip-locked")).toMatchObject(refused);
    expect(await claimWith(bot, "skip-locked")).toMatchObject(refused);
    await fault.heal();
    await fault.heal();
    expect(await claimWith(bot, "skip-locked")).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
  });

  it("may lie behind jobs that are well, where a batch meets it", async () => {
    const fault = standingFault(poisonHead.create({ rows: 2, skip: 3 }, context()));
    expect(await fault.inject()).toMatchObject({ aim: "job 4, 5" });
    expect(await claimWith(bot, "skip-locked")).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
  });
});
