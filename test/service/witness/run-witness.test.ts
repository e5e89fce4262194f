import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startClock } from "../../../src/base/clock.ts";
import { waitUntil } from "../../../src/base/timer.ts";
import { lockKey } from "../../../src/environment/postgres/schema-lock.ts";
import { readWitness } from "../../../src/history/witness-reader.ts";
import type { WitnessMode } from "../../../src/scenario/scenario.ts";
import { dropStaleSlots } from "../../../src/service/witness/replication-slot.ts";
import { openRunWitness } from "../../../src/service/witness/run-witness.ts";
import { openDatabase } from "../../setup/database.ts";
import type { TestDatabase } from "../../setup/database.ts";
import { ScriptedBot, beginRound, openWitness, transactions } from "./script.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

async function slots(): Promise<readonly unknown[]> {
  const name = `${database.control.schema}_witness`;
  return await database.control.query("SELECT FROM pg_replication_slots WHERE slot_name = $1", [
    name,
  ]);
}

const setUp = [
  ["insert bot 1: job null", "insert bot 2: job null"],
  [
    "insert job 1: pending bot null attempt 0",
    "insert job 2: pending bot null attempt 0",
    "insert job 3: pending bot null attempt 0",
  ],
];

const claim = (bot: number, job: number): string[] => [
  `update bot ${bot}: job ${job}`,
  `update job ${job}: claimed bot ${bot} attempt 1`,
];

const done = (bot: number, job: number): string[][] => [
  [`update job ${job}: processing bot ${bot} attempt 1`],
  [
    `effect of job ${job}: attempt 1 bot ${bot} value ${job * 8}`,
    `update bot ${bot}: job null`,
    `update job ${job}: succeeded bot null attempt 1`,
  ],
];

/** What the script below does, as the database must tell it. */
const scripted = [
  ...setUp,
  claim(2, 1),
  claim(1, 2),
  ...done(1, 2),
  ["update bot 2: job null", "update job 1: pending bot null attempt 1"],
  ["delete bot 2: job null", "insert bot 5: job null"],
  ["delete job 3: null bot null attempt null"],
];

/** Two bots take turns; what is rolled back in between must not be told. */
async function actOut(): Promise<void> {
  await using one = new ScriptedBot(database, 1);
  await using two = new ScriptedBot(database, 2);
  expect(await two.claim()).toBe(1);
  await one.run("BEGIN");
  await one.run("UPDATE jobs SET status = 'claimed', claimed_by = 1, attempt = 9 WHERE id = 3");
  await one.run("INSERT INTO effects (job_id, attempt, bot_id, value) VALUES (3, 9, 1, 0)");
  await one.run("ROLLBACK");
  expect(await one.claim()).toBe(2);
  await one.carryOut(2);
  await two.giveBack(1, "it's \"odd\" [text]:'',\n new-tuple: ünïcode ☃ \\");
  await one.run("UPDATE bots SET id = 5 WHERE id = 2");
  await one.run("DELETE FROM jobs WHERE id = 3");
  await one.run("UPDATE effects SET value = 0");
}

describe.each(["decoding", "audit"] as const)("the witness by %s", (mode) => {
  it("tells what two bots did in the order of the commits, and nothing that was rolled back", async () => {
    await using bench = await openWitness(database, mode);
    await beginRound(database, bench.witness, 0);
    await actOut();
    await bench.witness.endRound();
    expect(transactions(bench.witness, 0)).toEqual(scripted);
    expect(bench.witness.witness.warnings).toEqual([]);
    expect(bench.witness.witness.rounds[0]?.isWhole).toBe(true);
  });

  it("keeps rounds apart, and writes what it tells", async () => {
    await using bench = await openWitness(database, mode);
    const { witness, file } = bench;
    await beginRound(database, witness, 0);
    await witness.endRound();
    await database.control.query("UPDATE bots SET current_job_id = 3 WHERE id = 1");
    await beginRound(database, witness, 1);
    await actOut();
    await witness.endRound();
    expect(transactions(witness, 0)).toEqual(setUp);
    expect(transactions(witness, 1)).toEqual(scripted);
    const read = await readWitness(file);
    expect(read?.source).toBe(mode);
    expect(read?.warnings).toEqual([]);
    const live = witness.witness;
    expect(read?.rounds.map(({ changes: _, ...round }) => round)).toEqual(
      live.rounds.map(({ changes: _, ...round }) => round),
    );
    for (let index = 0; index < live.changes.length; index++) {
      expect(read?.changes.change(index)).toEqual(live.changes.change(index));
    }
  });

  it("tells times on the clock of the run, no more wrong than it says", async () => {
    await using bench = await openWitness(database, mode);
    await beginRound(database, bench.witness, 0);
    await using bot = new ScriptedBot(database, 1);
    await bot.run("BEGIN");
    const from = bench.clock.now();
    await bot.run("UPDATE bots SET current_job_id = 1 WHERE id = 1");
    await bot.run("COMMIT");
    const to = bench.clock.now();
    await bot[Symbol.asyncDispose]();
    await bench.witness.endRound();
    const [round] = bench.witness.witness.rounds;
    const at = round?.changes.at(round.to - 1) ?? Number.NaN;
    const uncertaintyNs = round?.uncertaintyNs ?? Number.NaN;
    // The database's microseconds round down.
    expect(at).toBeGreaterThanOrEqual(from - uncertaintyNs - 1_000);
    expect(at).toBeLessThanOrEqual(to + uncertaintyNs);
  });

  it("waits for a bot's backend that still works, though the bot is gone", async () => {
    await using bench = await openWitness(database, mode);
    await beginRound(database, bench.witness, 0);
    await using bot = new ScriptedBot(database, 1);
    await bot.run("SELECT 1");
    const late = bot.run(
      "UPDATE bots SET current_job_id = 2 FROM (SELECT pg_sleep(0.3)) AS wait WHERE id = 1",
    );
    const left = late.then(() => bot[Symbol.asyncDispose]());
    await bench.witness.endRound();
    await left;
    expect(transactions(bench.witness, 0).at(-1)).toEqual(["update bot 1: job 2"]);
  });

  it("says that a round is not whole when the database cannot tell it, and goes on", async () => {
    await using bench = await openWitness(database, mode);
    await beginRound(database, bench.witness, 0);
    const lost =
      mode === "audit"
        ? "DROP TABLE witness_log"
        : `SELECT pg_drop_replication_slot('${database.control.schema}_witness')`;
    await database.control.query(lost);
    await bench.witness.endRound();
    const { rounds, warnings } = bench.witness.witness;
    expect(rounds[0]?.isWhole).toBe(false);
    expect(warnings[0]).toMatch(/^the witness of round 0 is not whole: .*does not exist/);
    expect(readFileSync(bench.file, "utf8")).toContain(`"isWhole":false`);
  });
});

it("ends the backend of a bot that went away in the middle of a transaction", async () => {
  await using bench = await openWitness(database, "decoding");
  await beginRound(database, bench.witness, 0);
  await using bot = new ScriptedBot(database, 1);
  await bot.run("BEGIN");
  await bot.run("UPDATE bots SET current_job_id = 2 WHERE id = 1");
  await bench.witness.endRound();
  expect(transactions(bench.witness, 0)).toEqual(setUp);
  expect(bench.witness.witness.rounds[0]?.isWhole).toBe(true);
});

describe("the replication slot", () => {
  it("is there during the run, and gone afterwards", async () => {
    const bench = await openWitness(database, "decoding");
    expect(await slots()).toHaveLength(1);
    await bench[Symbol.asyncDispose]();
    expect(await slots()).toHaveLength(0);
  });

  it("is gone after an error in the middle of a round", async () => {
    const failure = new Error("the round broke off");
    const run = async (): Promise<void> => {
      await using bench = await openWitness(database, "decoding");
      await beginRound(database, bench.witness, 0);
      throw failure;
    };
    await expect(run()).rejects.toBe(failure);
    expect(await slots()).toHaveLength(0);
  });

  it("is dropped though a reader that was given up still uses it", async () => {
    const bench = await openWitness(database, "decoding");
    const reader = new Client({ ...database.address, replication: "database" } as ClientConfig);
    await reader.connect();
    const ended = new Promise((resolve) => reader.once("end", resolve));
    reader.on("error", () => undefined);
    const slot = `${database.control.schema}_witness`;
    reader.query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0`).catch(() => undefined);
    const isRead = async (): Promise<boolean> =>
      (
        await database.control.query(
          "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active",
          [slot],
        )
      ).length > 0;
    expect(await waitUntil(isRead, { ms: 10_000, everyMs: 5 })).toBe(true);
    await bench[Symbol.asyncDispose]();
    expect(await slots()).toHaveLength(0);
    await ended;
  });

  it("is dropped by the next run when its own was killed, but not while that lives", async () => {
    const [dead, alive] = ["doubletake_0123456789ab", "doubletake_ba9876543210"];
    const { control } = database;
    for (const schema of [dead, alive]) {
      await control.query(
        `SELECT pg_create_logical_replication_slot('${schema}_witness', 'test_decoding')`,
      );
    }
    const left = async (): Promise<unknown> =>
      await control.query(
        "SELECT slot_name AS name FROM pg_replication_slots WHERE slot_name IN ($1, $2)",
        [`${dead}_witness`, `${alive}_witness`],
      );
    await control.withConnection(async (client) => {
      await client.query(`SELECT pg_advisory_lock(${lockKey(alive)})`);
      expect(await dropStaleSlots(control)).toEqual([`${dead}_witness`]);
      expect(await left()).toEqual([{ name: `${alive}_witness` }]);
      await client.query(`SELECT pg_advisory_unlock(${lockKey(alive)})`);
    });
    expect(await dropStaleSlots(control)).toEqual([`${alive}_witness`]);
    expect(await left()).toEqual([]);
  });
});

describe("the choice of a source", () => {
  const open = async (mode: WitnessMode, canDecode: boolean): Promise<string | null> => {
    const folder = mkdtempSync(join(tmpdir(), "doubletake-witness-"));
    try {
      const witness = await openRunWitness({
        mode,
        control: database.control,
        capabilities: new Set(canDecode ? (["decode-wal"] as const) : []),
        clock: startClock(),
        file: join(folder, "witness.ndjson"),
      });
      await witness?.[Symbol.asyncDispose]();
      return witness === null ? null : witness.witness.source;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each([
    ["auto", true, "decoding"],
    ["auto", false, "audit"],
    ["audit", true, "audit"],
    ["decoding", true, "decoding"],
    ["off", true, null],
  ] as const)("%s, with decoding possible: %s → %s", async (mode, canDecode, source) => {
    expect(await open(mode, canDecode)).toBe(source);
  });

  it("refuses to decode where the server cannot", async () => {
    await expect(open("decoding", false)).rejects.toThrow(/cannot be decoded/);
  });

  it("records with triggers, and says so, when the slot is refused", async () => {
    await using taken = await openWitness(database, "decoding");
    expect(taken.witness.witness.source).toBe("decoding");
    await using other = await openWitness(database, "auto");
    expect(other.witness.witness.source).toBe("audit");
    expect(other.witness.witness.warnings[0]).toMatch(/audit trigger.*already exists/);
  });
});
