import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classesOf } from "../../src/explore/crash/crash-class.ts";
import { exploreWithCrashes } from "../../src/explore/crash/explore-with-crashes.ts";
import { readCounterexample } from "../../src/explore/counterexample-file.ts";
import { counterexampleText } from "../../src/explore/counterexample-text.ts";
import type { Counterexample } from "../../src/explore/counterexample.ts";
import type { Exploration, ExploreRequest } from "../../src/explore/explore-strategy.ts";
import { isolationSpec } from "../../src/explore/isolation-spec.ts";
import type { Program } from "../../src/explore/programs.ts";
import { replay } from "../../src/explore/replay.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

interface CrashTest {
  readonly bots?: number;
  readonly budgetMs?: number;
  readonly program?: Program;
}

async function explored(reference: string, test: CrashTest = {}): Promise<Exploration> {
  const { bots = 1, budgetMs = 100_000, program } = test;
  const request: ExploreRequest = {
    strategy: loadStrategy(reference),
    reference,
    program: "claim",
    bots,
    jobs: bots + 1,
    constraints: false,
    crashes: true,
    budgetMs,
    prunes: true,
    seed: 1,
    stepMs: 10_000,
    shrinkMs: 0,
  };
  const context = { ...database, signal: new AbortController().signal };
  return (await exploreWithCrashes(request, context, program)).exploration;
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

describe("crashes of one bot", { timeout: 120_000 }, () => {
  it("reach every class that a claim in a transaction can have, and break none that is right", async () => {
    const { verdict, reason, crashes, guarantees } = await explored("for-update");
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
