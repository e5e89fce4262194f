import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { botPointsAtPending } from "../../src/chaos/bot-points-at-pending.ts";
import { corruptState } from "../../src/chaos/corrupt-state.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { killConnection } from "../../src/chaos/kill-connection.ts";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { runClaim } from "../../src/service/claim-run.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { faultContext } from "./fault-context.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

const application = "doubletake-bot-chaos-";
let database: TestDatabase;
let bot: BotConnection;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await fillTables(database.control, { bots: 1, jobs: 3 });
  const { address, control } = database;
  const options = { address, schema: control.schema, name: `${application}1`, statementMs: 5000 };
  bot = new BotConnection(
    { ...options, onEvent: () => undefined },
    { statements: 0, roundTrips: 0 },
  );
  await bot.open();
  return () => bot.close();
});

const context = (): FaultContext => faultContext({ control: database.control, application });

const claim = (strategy: string): ReturnType<typeof runClaim> =>
  runClaim(bot, loadStrategy(strategy), { bot_id: 1, lease: "1 minute", limit: 1 });

type KillSettings = z.output<typeof killConnection.settings>;
const kill = (
  state: KillSettings["state"],
  action: KillSettings["action"] = "terminate",
): ReturnType<typeof killConnection.create> => killConnection.create({ state, action }, context());

const jobs = (): Promise<unknown> =>
  database.control.query(
    "SELECT status, count(*)::int AS count FROM jobs GROUP BY status ORDER BY status",
  );

describe("kill-connection", () => {
  it("mid-transaction: undoes what a claim in one statement had changed", async () => {
    const injecting = kill("mid-transaction").inject();
    await expect.poll(() => isRowLocked()).toBe(true);
    const outcome = await claim("skip-locked");
    expect((await injecting).outcome).toBe("hit");
    expect(outcome).toMatchObject({ kind: "failed", code: "57P01" });
    expect(await jobs()).toEqual([{ status: "pending", count: 3 }]);
  });

  it("mid-transaction: leaves a claim of several statements half done, and the bot in doubt", async () => {
    const injecting = kill("mid-transaction").inject();
    await expect.poll(() => isRowLocked()).toBe(true);
    const outcome = await claim("naive");
    expect((await injecting).outcome).toBe("hit");
    expect(outcome.kind).toBe("unknown");
    expect(await jobs()).toEqual([
      { status: "claimed", count: 1 },
      { status: "pending", count: 2 },
    ]);
  });

  it("says that it missed where no bot does anything", async () => {
    expect(await kill("mid-transaction").inject()).toMatchObject({ outcome: "missed" });
    await bot.close();
    expect(await kill("any").inject()).toMatchObject({ outcome: "missed" });
  });

  it("any: terminates a bot's backend, and nobody else's", async () => {
    expect(await kill("any").inject()).toMatchObject({ outcome: "hit" });
    await expect.poll(() => bot.isOpen).toBe(false);
    expect(await database.control.query("SELECT 1 AS still_here")).toHaveLength(1);
  });
});

async function isRowLocked(): Promise<boolean> {
  const free = await database.control.query("SELECT FROM bots WHERE id = 1 FOR UPDATE SKIP LOCKED");
  return free.length === 0;
}

describe("corrupt-state", () => {
  const attempts = async (): Promise<string[]> => {
    const fault = corruptState.create({}, context());
    const notes: string[] = [];
    for (let n = 0; n < 4; n++) notes.push((await fault.inject()).note ?? "");
    return notes;
  };

  it("is refused by the constraints, each attempt for its own reason", async () => {
    await database.control.query("INSERT INTO bots (id, name) VALUES (2, 'another')");
    await claim("skip-locked");
    expect(await attempts()).toEqual([
      "refused 23505",
      "refused 23514",
      "refused 23514",
      "refused 23503",
    ]);
  });

  it("is accepted where there are none", async () => {
    await fillTables(database.control, { bots: 2, jobs: 3, constraints: false });
    await claim("naive");
    expect(await attempts()).toEqual(["accepted", "accepted", "accepted", "accepted"]);
  });

  it("says that it missed where there is nothing to damage", async () => {
    expect((await attempts()).slice(0, 3)).toEqual(
      Array.from({ length: 3 }, () => "nothing to damage"),
    );
  });
});

describe("bot-points-at-pending", () => {
  it("stops a claim that takes the oldest job and then tells its bot, until it is healed", async () => {
    const fault = botPointsAtPending.create({}, context());
    expect(await fault.inject()).toMatchObject({ outcome: "hit", aim: "job 1" });
    expect(await claim("naive-transaction")).toMatchObject({ kind: "failed", code: "23505" });
    expect(await claim("naive-transaction")).toMatchObject({ kind: "failed", code: "23505" });
    await fault.heal();
    await fault.heal();
    expect(await claim("naive-transaction")).toMatchObject({ kind: "ok", value: [{ job: 1 }] });
  });

  it("is passed by a claim that leaves such a job alone", async () => {
    await botPointsAtPending.create({}, context()).inject();
    expect(await claim("skip-locked")).toMatchObject({ kind: "ok", value: [{ job: 2 }] });
  });
});
