import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BotConnection } from "../../src/service/bot-connection.ts";
import { runClaim } from "../../src/service/claim-run.ts";
import type { ClaimParameters } from "../../src/service/claim-run.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { enqueue, freshTables, registerBots } from "../../src/service/tables.ts";
import type { JobDeck } from "../../src/service/tables.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
let bots: readonly BotConnection[];
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

beforeEach(() => {
  const { address, control } = database;
  bots = [1, 2].map((slot) => {
    const name = `doubletake-bot-${control.schema}-${slot}`;
    const options = { address, schema: control.schema, name, statementMs: 5_000 };
    const counter = { statements: 0, roundTrips: 0 };
    return new BotConnection({ ...options, onEvent: () => undefined }, counter);
  });
  return async () => {
    await Promise.all(bots.map((bot) => bot.close()));
  };
});

async function fill(name: string, deck: JobDeck, jobs = 6): Promise<void> {
  const strategy = loadStrategy(name);
  await freshTables(database.control, { constraints: true, strategy });
  await registerBots(database.control, new Lifecycle(), 2);
  await enqueue(database.control, new Lifecycle(), jobs, deck);
  await Promise.all(bots.map((bot) => bot.open()));
}

/** The jobs that a claim of the first bot grants. */
async function claim(
  name: string,
  wish: Partial<ClaimParameters> = {},
  bot = 1,
): Promise<number[]> {
  const parameters = { bot_id: bot, lease: "60 seconds", limit: 1, types: null, ...wish };
  const connection = bots[bot - 1] as BotConnection;
  const outcome = await runClaim(connection, loadStrategy(name), parameters);
  if (outcome.kind === "empty") return [];
  if (outcome.kind !== "ok") throw new Error(`the claim is ${outcome.kind}: ${outcome.message}`);
  return outcome.value.map(({ job }) => job);
}

const settle = (): Promise<unknown> =>
  database.control.query(
    `WITH freed AS (UPDATE bots SET current_job_id = NULL)
     UPDATE jobs SET status = 'succeeded', claimed_by = NULL, finished_at = clock_timestamp() WHERE claimed_by IS NOT NULL`,
  );

describe("a claim", () => {
  it.each(["skip-locked", "skip-locked-batch", "lease-fencing", "skip-locked-priority"])(
    "of several jobs takes the oldest, as many as were asked for: %s",
    async (name) => {
      await fill(name, {});
      expect(new Set(await claim(name, { limit: 4 }))).toEqual(new Set([1, 2, 3, 4]));
      expect(new Set(await claim(name, { limit: 4 }, 2))).toEqual(new Set([5, 6]));
    },
  );

  it("takes jobs of the bot's types only, and any where it names none", async () => {
    const name = "skip-locked-by-type";
    await fill(name, { types: ["mail", "report", "video"] });
    const [mail] = await claim(name, { types: ["video"] });
    const wanted = await database.control.query(
      "SELECT id FROM jobs WHERE type = 'video' ORDER BY id",
    );
    expect(mail).toBe(wanted[0]?.["id"] === undefined ? Number.NaN : Number(wanted[0]["id"]));
    await settle();
    expect(await claim(name, { types: ["nothing"] })).toEqual([]);
    expect(await claim(name, { types: ["nothing", "video"] })).toEqual([Number(wanted[1]?.["id"])]);
    await settle();
    expect(await claim(name)).toHaveLength(1);
  });

  it("takes the most urgent job, the oldest of these", async () => {
    await fill("skip-locked-priority", { priorities: [0, 9, 5] });
    const order = [];
    for (let jobs = 0; jobs < 6; jobs++) {
      order.push(...(await claim("skip-locked-priority")));
      await settle();
    }
    const wanted = await database.control.query("SELECT id FROM jobs ORDER BY priority DESC, id");
    expect(order).toEqual(wanted.map((row) => Number(row["id"])));
  });

  it("takes no job of a key while an older one of it is to be done, or any is held", async () => {
    await fill("serial-key", { keys: ["a"] }, 3);
    expect(await claim("serial-key")).toEqual([1]);
    expect(await claim("serial-key", {}, 2)).toEqual([]);
    await settle();
    expect(await claim("serial-key", {}, 2)).toEqual([2]);
    await database.control.query(
      "UPDATE jobs SET status = 'pending', finished_at = NULL WHERE id = 1",
    );
    expect(await claim("serial-key")).toEqual([]);
  });

  it("takes over a job whose lease has run out, with its next attempt, and frees the bot that had it", async () => {
    await fill("lease-fencing", {}, 1);
    expect(await claim("lease-fencing")).toEqual([1]);
    expect(await claim("lease-fencing", {}, 2)).toEqual([]);
    await database.control.query(
      "UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second'",
    );
    expect(await claim("lease-fencing", {}, 2)).toEqual([1]);
    const rows = await database.control.query(
      "SELECT b.id, b.current_job_id, j.attempt FROM bots b LEFT JOIN jobs j ON j.id = b.current_job_id ORDER BY b.id",
    );
    expect(rows).toEqual([
      { id: "1", current_job_id: null, attempt: null },
      { id: "2", current_job_id: "1", attempt: 2 },
    ]);
  });
});
