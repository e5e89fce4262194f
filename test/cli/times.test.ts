import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConcludedRun } from "../../src/cli/carry-out.ts";
import { runTimes } from "../../src/cli/times.ts";
import type { Attempt } from "../../src/cli/times.ts";
import type { Batch, BatchEntry } from "../../src/report/batch.ts";
import { batchSchema, countsText } from "../../src/report/batch.ts";
import { batchPage } from "../../src/report/html/batch-page.ts";
import { batchMarkdown } from "../../src/report/markdown/batch.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult } from "../report/golden.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "doubletake-times-"));
});
afterEach(() => {
  rmSync(out, { recursive: true });
});

const question = { scenario: "race", description: "Who wins?", tags: ["nightly"] };

/** A run that came out like one of the recorded ones, with a folder of its own. */
function attemptLike(sample: "passed" | "inconclusive", durationMs: number): Attempt {
  const result: RunResult = { ...sampleResult(sample), durationMs };
  const folder = mkdtempSync(join(out, "run-"));
  mkdirSync(join(folder, "inside"));
  const concluded: ConcludedRun = { result, folder };
  const { verdict: outcome, exitCode, headline } = result;
  const entry = { ...question, outcome, exitCode, durationMs, headline, folder: basename(folder) };
  return { entry, concluded };
}

function attemptWithout(outcome: "skipped" | "failed", exitCode: number): Attempt {
  const headline = `it was ${outcome}`;
  return {
    entry: { ...question, outcome, exitCode, durationMs: 0, headline, folder: null },
    concluded: null,
  };
}

/** Plays these attempts, one a time, and says what was told of them. */
async function play(
  attempts: readonly (Attempt | null)[],
  { times = attempts.length, signal = new AbortController().signal, stopAfter = Infinity } = {},
): Promise<{ entry: BatchEntry | null; told: Attempt[]; lines: string[]; played: number }> {
  const [told, lines]: [Attempt[], string[]] = [[], []];
  const stop = new AbortController();
  let played = 0;
  const entry = await runTimes({
    times,
    signal: AbortSignal.any([signal, stop.signal]),
    runOnce: () => {
      const attempt = attempts[played++] ?? null;
      if (played === stopAfter) stop.abort();
      return Promise.resolve(attempt);
    },
    tell: (attempt) => void told.push(attempt),
    tellAlike: (line) => void lines.push(line),
  });
  return { entry, told, lines, played };
}

describe("a scenario that is run several times with one seed", () => {
  it("is one line, with each strategy's verdict, where every time came out alike", async () => {
    const { entry, told, lines } = await play([
      attemptLike("passed", 2_000),
      attemptLike("passed", 3_000),
      attemptLike("passed", 7_000),
    ]);
    expect(entry).toMatchObject({ outcome: "passed", exitCode: 0, durationMs: 12_000 });
    expect(entry?.headline).toContain("passed 3×");
    expect(entry?.headline).toMatch(/caught 3× by [a-z-]+/);
    expect(entry?.times?.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"]);
    expect(told).toHaveLength(1);
    expect(lines).toEqual([
      "race, time 2 of 3: passed, as before",
      "race, time 3 of 3: passed, as before",
    ]);
  });

  it("keeps one folder of those that came out alike, and `latest` points at it", async () => {
    const attempts = [attemptLike("passed", 1), attemptLike("passed", 2)];
    const { entry } = await play(attempts);
    const folders = attempts.map(({ concluded }) => concluded?.folder ?? "");
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, false]);
    expect(readlinkSync(join(out, "latest"))).toBe(basename(folders[0] ?? ""));
    expect(entry?.times?.map(({ folder }) => folder)).toEqual([basename(folders[0] ?? ""), null]);
  });

  it("never passes where one time came out in another way, and says which", async () => {
    const odd = attemptLike("inconclusive", 2_000);
    const { entry, told } = await play([
      attemptLike("passed", 1_000),
      odd,
      attemptLike("passed", 3_000),
    ]);
    expect(entry).toMatchObject({ outcome: "differs", exitCode: 2 });
    expect(entry?.headline).toBe(
      `times 1, 3 passed; time 2 inconclusive: ${sampleResult("inconclusive").headline}`,
    );
    expect(told).toHaveLength(2);
    expect(existsSync(odd.concluded?.folder ?? "")).toBe(true);
  });

  it("differs where the runs pass alike and a strategy's verdict does not", async () => {
    const other = attemptLike("passed", 1);
    const strategies = (other.concluded?.result.strategies ?? []).map((strategy) =>
      strategy.role === "control" ? { ...strategy, verdict: "passed" as const } : strategy,
    );
    const result = { ...sampleResult("passed"), strategies };
    const folder = other.concluded?.folder ?? "";
    const { entry } = await play([
      attemptLike("passed", 1),
      { ...other, concluded: { result, folder } },
    ]);
    expect(entry).toMatchObject({ outcome: "differs", exitCode: 2 });
  });

  it("keeps the worst exit code where a time could not be run", async () => {
    const { entry } = await play([attemptLike("passed", 1), attemptWithout("failed", 69)]);
    expect(entry).toMatchObject({ outcome: "differs", exitCode: 69 });
    expect(entry?.headline).toBe("time 1 passed; time 2 FAILED: it was failed");
  });

  it("is not asked again where this environment cannot run it", async () => {
    const { entry, played } = await play([attemptWithout("skipped", 2)], { times: 10 });
    expect(played).toBe(1);
    expect(entry).toMatchObject({ outcome: "skipped", exitCode: 2 });
    expect(entry?.times).toBeUndefined();
  });

  it("compares no time that was interrupted", async () => {
    const attempts = [attemptLike("passed", 1), attemptLike("inconclusive", 1)];
    const { entry, told } = await play(attempts, { times: 5, stopAfter: 2 });
    expect(entry).toMatchObject({ outcome: "passed", exitCode: 0 });
    expect(entry?.times).toHaveLength(1);
    expect(told).toHaveLength(2);
    expect((await play([null], { times: 5 })).entry).toBeNull();
  });

  it("is shown in every index with its durations, its faults and a way to each other outcome", async () => {
    const { entry } = await play([
      attemptLike("passed", 1_500),
      attemptLike("inconclusive", 4_500),
    ]);
    const batch: Batch = {
      schema: 1,
      doubletake: "0",
      startedAt: "2026-01-01T00:00:00.000Z",
      durationMs: 6_000,
      exitCode: 2,
      interrupted: false,
      runs: entry === null ? [] : [entry],
    };
    expect(batchSchema.parse(batch)).toEqual(batch);
    expect(countsText(batch)).toBe("1 not the same");
    const [page, text] = [batchPage(batch), batchMarkdown(batch)];
    for (const each of [page, text]) expect(each).toContain("3.0 s [1.5 s–4.5 s]");
    for (const { folder } of entry?.times ?? []) expect(page).toContain(`${folder}/report.html`);
    expect(text).toMatch(/hit \d+(–\d+)?×/);
  });
});
