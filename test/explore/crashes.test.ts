import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classesOf } from "../../src/explore/crash/crash-class.ts";
import { readCounterexample } from "../../src/explore/counterexample/counterexample-file.ts";
import { counterexampleText } from "../../src/explore/counterexample/counterexample-text.ts";
import type { Counterexample } from "../../src/explore/counterexample/counterexample.ts";
import { crashesAt, crashText, halvesOf } from "../../src/explore/crash/crash.ts";
import type { WireMessage } from "../../src/explore/crash/crash.ts";
import type {
  Exploration,
  ExploreRequest,
  StrategyExplored,
} from "../../src/explore/explore-strategy.ts";
import { isolationSpec } from "../../src/explore/counterexample/isolation-spec.ts";
import type { Program } from "../../src/explore/programs.ts";
import { replay } from "../../src/explore/replay.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { explore, requestOf, savedBy } from "./explorations.ts";
import type { Exploring } from "./explorations.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

interface CrashTest extends Exploring {
  readonly budgetMs?: number;
  readonly saved?: ExploreRequest["saved"];
}

async function explored(reference: string, test: CrashTest = {}): Promise<Exploration> {
  return (await exploredSoFar(reference, test)).exploration;
}

async function exploredSoFar(reference: string, test: CrashTest): Promise<StrategyExplored> {
  const { program, endsAfter, budgetMs = 100_000, saved } = test;
  const request = requestOf(reference, {
    bots: 1,
    crashes: true,
    // Every message takes four times as many schedules; a selftest has them.
    crashGrain: "statements",
    budgetMs,
    saved,
  });
  return await explore(request, database, { program, endsAfter });
}

/** A bot that takes whatever went wrong for nothing, and claims again. */
const blind: Program = {
  summary: "claims, and where it is not told what came of that claims again",
  run: async ({ bot, signal }) => {
    for (let attempt = 0; attempt < 3 && !signal.aborted; attempt++) {
      await bot.connect(signal);
      const turn = await bot.claim();
      if (turn === "worked" || turn === "empty") return;
    }
  },
};

/** Nobody knows whose a job is between its two statements, nor when it may be taken back. */
const halfDone = `-- strategy: half
-- summary: takes a job and says whose it is afterwards
-- transaction: none
-- verdict: safe
-- step: take
UPDATE jobs SET status = 'claimed' WHERE id = (
  SELECT id FROM jobs WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id AS job_id;
-- step: sign
UPDATE jobs SET claimed_by = :bot_id, claimed_at = clock_timestamp(), attempt = attempt + 1,
                lease_until = clock_timestamp() + :lease::interval
WHERE id = :job_id RETURNING id AS job_id, attempt;
`;

describe("the crashes of a statement", () => {
  const moments = (types: string, moment: WireMessage["moment"]): WireMessage[] =>
    Array.from(types, (type) => ({ moment, type }));
  const transcript = [...moments("PDBES", "request"), ...moments("1tT2DDCZ", "answer")];

  it("are one at each message of either side", () => {
    const texts = crashesAt("reset", transcript).map(crashText);
    expect(texts).toHaveLength(transcript.length);
    expect(texts[0]).toBe("connection reset before Parse");
    expect(texts.at(-1)).toBe("connection reset before ReadyForQuery");
    expect(crashesAt("close", transcript)[10]).toEqual({
      kind: "close",
      moment: "answer",
      message: 6,
      type: "D",
      part: "none",
    });
    // A server that is gone before anything was sent is not gone because of a message.
    expect(crashesAt("terminated", transcript)[0]).toEqual({
      kind: "terminated",
      moment: "before",
    });
  });

  it("are one in the middle of each type of message, once", () => {
    const met = new Set<string>();
    const halves = halvesOf("reset", transcript, met);
    expect(halves).toHaveLength(transcript.length - 1);
    expect(halves.every((crash) => "part" in crash && crash.part === "half")).toBe(true);
    expect(halvesOf("reset", transcript, met)).toEqual([]);
    expect(halvesOf("close", transcript.slice(0, 1), met).map(crashText)).toEqual([
      "connection closed in the middle of Parse",
    ]);
  });
});

describe("crashes of one bot", { timeout: 120_000 }, () => {
  it("reach every class that a claim in a transaction can have, and break none that is right, also when they go on after Ctrl-C", async () => {
    const first = await exploredSoFar("for-update", { endsAfter: 21 });
    expect(first.exploration).toMatchObject({ verdict: "inconclusive", crashes: { done: 20 } });
    const [bots] = await database.control.query(
      "SELECT count(*)::int AS left FROM pg_stat_activity WHERE starts_with(application_name, $1)",
      [`doubletake-bot-${database.control.schema}-`],
    );
    expect(bots).toEqual({ left: 0 });
    const gone = await explored("for-update", { saved: savedBy(first) });
    const { verdict, reason, crashes, guarantees, schedules } = gone;
    // Six statements with ten crashes each, and the undisturbed one: none is lost and none is carried out twice.
    expect(schedules.complete).toBe(61);
    expect(crashes?.classes.reduce((sum, { seen }) => sum + seen, 0)).toBe(60);
    expect(verdict, reason).toBe("passed");
    expect(crashes).toMatchObject({ missed: 0, missing: [] });
    expect(crashes?.classes.map(({ name }) => name).toSorted()).toEqual([
      "client: failed, server: nothing",
      "client: ok, server: claimed",
      "client: unknown, server: claimed",
      "client: unknown, server: nothing",
    ]);
    expect(guarantees).toEqual([
      { kind: "crash-points", statements: 6, crashes: crashes?.wanted, most: null },
    ]);
  });

  it("show that a bot which blindly tries again takes a second job", async () => {
    const { verdict, properties, counterexamples } = await explored("single-update", {
      program: blind,
    });
    expect(verdict).toBe("violated");
    const broken = properties.filter(({ brokenIn }) => brokenIn > 0);
    expect(broken.map(({ property }) => property)).toEqual(["one-job-a-bot"]);
    const [counterexample] = counterexamples as [Counterexample];
    expect(counterexample.broken[0]?.how).toMatch(/^bot 1 holds job 1 and takes job 2 as well/);
    const text = counterexampleText(counterexample);
    expect(text).toMatch(/commit ✗ connection \w+ before the answer/);
    expect(text).toContain("successor");
    expect(() => isolationSpec(counterexample)).toThrow(/cannot cut a connection/);
  });

  it("show a claim that cannot be taken back once it is half done, and again on replay", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doubletake-crashes-"));
    try {
      const file = join(folder, "half.sql");
      writeFileSync(file, halfDone);
      const { verdict, counterexamples, crashes } = await explored(file);
      expect(verdict).toBe("violated");
      expect(crashes?.classes.map(({ name }) => name)).toContain(
        "client: unknown, server: half done",
      );
      const found = counterexamples.find(({ property }) => property === "nothing-stuck");
      const stuck = found?.broken.find(({ property }) => property === "nothing-stuck");
      expect(stuck?.how).toMatch(/^job 1 is still claimed after a rescue/);
      const saved = join(folder, "counterexample.json");
      writeFileSync(saved, JSON.stringify(found));
      const recorded = readCounterexample(saved);
      const { divergence, again } = await replay(recorded, { ...database, stepMs: 10_000 });
      expect(divergence).toBeNull();
      expect(again.broken).toEqual(found?.broken);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("say nothing where the time is over too soon", async () => {
    const { verdict, reason } = await explored("for-update", { budgetMs: 1 });
    expect(verdict).toBe("inconclusive");
    expect(reason).toMatch(/^the time was over after \d+ of \d+ crashes/);
  });

  it("are expected to lead to what the statements of a claim allow", () => {
    const names = (reference: string, commits: number) =>
      classesOf(loadStrategy(reference), commits).map(({ knows, did }) => `${knows} ${did}`);
    expect(names("single-update", 1)).toEqual(["unknown nothing", "unknown claimed", "ok claimed"]);
    expect(names("naive", 2)).toContain("failed nothing");
    expect(names("naive", 2)).toContain("unknown half done");
    expect(names("for-update", 1)).not.toContain("unknown half done");
  });
});
