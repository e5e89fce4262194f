import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounterexample } from "../../src/explore/counterexample/counterexample-file.ts";
import { counterexampleHtml } from "../../src/explore/counterexample/counterexample-html.ts";
import { counterexampleText } from "../../src/explore/counterexample/counterexample-text.ts";
import type { Counterexample } from "../../src/explore/counterexample/counterexample.ts";
import type { StrategyExplored } from "../../src/explore/explore-strategy.ts";
import { isolationSpec } from "../../src/explore/counterexample/isolation-spec.ts";
import { replay } from "../../src/explore/replay.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { needsIsolationtester } from "../setup/machine.ts";
import { explore, requestOf } from "./explorations.ts";
import { isolationtester, runIsolationtester, waitsIn } from "./isolationtester.ts";

let database: TestDatabase;
let naive: StrategyExplored;

beforeAll(async () => {
  database = await openDatabase();
  naive = await explored("naive-transaction", 2);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function explored(reference: string, bots: number): Promise<StrategyExplored> {
  return await explore(requestOf(reference, { bots }), database);
}

function only({ exploration }: StrategyExplored): Counterexample {
  const [counterexample] = exploration.counterexamples;
  if (counterexample === undefined) throw new Error("nothing was broken");
  return counterexample;
}

describe("an exploration", () => {
  it("says what is broken, in how many schedules, and what it has shown", () => {
    const { verdict, guarantees, properties, schedules } = naive.exploration;
    expect(verdict).toBe("violated");
    expect(guarantees).toEqual([{ kind: "every-interleaving" }]);
    const single = properties.find(({ property }) => property === "single-grant");
    expect(single?.brokenIn).toBeGreaterThan(0);
    expect(single?.brokenIn).toBeLessThan(schedules.complete);
  });

  it("shrinks what it finds to the fewest bots and one preemption", async () => {
    const counterexample = only(await explored("single-update", 3));
    expect(counterexample).toMatchObject({ bots: 2, jobs: 3, preemptions: 1 });
    expect(counterexample.steps.map(({ bot, name }) => `${bot} ${name}`)).toEqual([
      "1 claim",
      "2 claim",
      "1 commit",
      "2 commit",
    ]);
  });

  it("is written as a table with a column for each bot", () => {
    const text = counterexampleText(only(naive));
    expect(text).toMatch(/^naive-transaction \(claim\): 2 bots, 3 jobs, \d+ steps, 1 preemption$/m);
    expect(text).toMatch(/^ +bot 1 +bot 2$/m);
    expect(text).toMatch(/^1 +find → job_id 1$/m);
    expect(text).toContain("⇒ claim ok job 1");
    expect(text).toContain("single-grant is broken: job 1 was granted to bot");
  });
});

describe("a counterexample", () => {
  it("is carried out again, step by step, from its file", async () => {
    const recorded = readAgain(only(naive));
    const { divergence, again } = await replay(recorded, { ...database, stepMs: 10_000 });
    expect(divergence).toBeNull();
    expect(again.steps).toEqual(recorded.steps);
    expect(again.broken).toEqual(recorded.broken);
  });

  it("that goes another way is told to, with the step", async () => {
    const recorded = readAgain(only(naive));
    const first = recorded.steps[0] as Counterexample["steps"][number];
    const other = {
      ...recorded,
      steps: [{ ...first, observation: "[[[1,[1,[7]]]],[]]" }, ...recorded.steps.slice(1)],
    };
    const { divergence, tries } = await replay(other, { ...database, stepMs: 10_000 });
    expect(divergence).toMatchObject({ step: 1, happened: first.observation });
    expect(tries).toBeGreaterThan(1);
  });

  it("of a strategy that was mended breaks nothing any more", async () => {
    const recorded = readAgain(only(naive));
    const mended = recorded.strategy.sql.replace(" LIMIT 1;", " LIMIT 1 FOR UPDATE SKIP LOCKED;");
    expect(mended).not.toBe(recorded.strategy.sql);
    const strategy = { ...recorded.strategy, sql: mended };
    const { again, divergence } = await replay(
      { ...recorded, strategy },
      { ...database, stepMs: 10_000 },
    );
    expect(again.broken).toEqual([]);
    expect(divergence).not.toBeNull();
  });

  it("is drawn on a page that escapes what it shows", () => {
    const counterexample = only(naive);
    const evil = "<script>alert(1)</script>";
    const html = counterexampleHtml({
      ...counterexample,
      strategy: { ...counterexample.strategy, reference: evil },
      broken: [{ property: evil, how: evil }],
      steps: counterexample.steps.map((step) => ({ ...step, name: evil, saw: evil, sql: evil })),
    });
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
    expect(counterexampleHtml(counterexample)).toContain("find → job_id 1");
  });

  it("is refused with the reason where its file is none", () => {
    const broken = { ...only(naive), bots: "two" };
    expect(() => readAgain(broken as unknown as Counterexample)).toThrow(
      /is no counterexample: bots: /,
    );
  });

  it("cannot be written for isolationtester where a statement has a brace", () => {
    const counterexample = only(naive);
    const steps = counterexample.steps.map((step) => ({ ...step, sql: "SELECT '{}'" }));
    expect(() => isolationSpec({ ...counterexample, steps })).toThrow(/brace/);
  });
});

describe.runIf(needsIsolationtester(isolationtester !== undefined, "exported counterexamples"))(
  "PostgreSQL's own isolationtester",
  () => {
    it("gets the same outcome from the exported test", async () => {
      for (const counterexample of [
        only(naive),
        only(await explored("single-update-guarded", 2)),
      ]) {
        const { stdout, status, stderr } = runIsolationtester(
          isolationSpec(counterexample),
          database.address,
        );
        expect(status, stderr).toBe(0);
        const waits = counterexample.steps.filter(({ hasWaited }) => hasWaited).length;
        expect(waitsIn(stdout)).toBe(waits);
        const found = [...stdout.matchAll(/^ *(\d+)\|(\w+) *\| *(\d*)\| *(\d+)$/gm)];
        const left = found.map(([, id, status_, by, attempt]) => ({
          id: Number(id),
          status: status_,
          claimed_by: by === "" ? null : Number(by),
          attempt: Number(attempt),
        }));
        expect(left).toEqual(counterexample.left);
      }
    });
  },
);

function readAgain(counterexample: Counterexample): Counterexample {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-counterexample-"));
  try {
    const file = join(folder, "counterexample.json");
    writeFileSync(file, JSON.stringify(counterexample));
    return readCounterexample(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
