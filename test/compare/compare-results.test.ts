import { describe, expect, it } from "vitest";

import { compareResults } from "../../src/compare/compare-results.ts";
import { defaultMargins } from "../../src/compare/compared-metric.ts";
import { comparisonResultSchema } from "../../src/compare/comparison-result.ts";
import type { ComparisonDocument } from "../../src/compare/comparison-result.ts";
import type { ResultFile } from "../../src/report/read-all.ts";
import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { at, runOf } from "./results.ts";

function compare(
  baseline: readonly ResultFile[],
  current: readonly ResultFile[],
): ComparisonDocument {
  const comparison = compareResults({
    baseline: { path: "before", files: baseline },
    current: { path: "now", files: current },
    margins: defaultMargins,
  });
  return comparisonResultSchema.parse(comparison);
}

/** The subject of the sample with one check's verdict changed. */
function subjectWith(verdict: "violated" | "inconclusive"): Partial<StrategyResult> {
  const [subject] = runOf().result.strategies;
  const [first, ...rest] = (subject as StrategyResult).checks;
  return {
    checks: [{ ...(first as StrategyResult["checks"][number]), verdict }, ...rest],
    verdict,
  };
}

const statements = (...numbers: number[]): ResultFile =>
  runOf({ metrics: { "costPerClaim.statements": numbers } });
const rate = (startedAt: string, perSecond: number): ResultFile =>
  runOf({ startedAt, metrics: { claimsPerSecond: [perSecond, perSecond * 1.01] } });

describe("a result compared with itself", () => {
  it("is the same, and nothing fails", () => {
    const comparison = compare([statements(3, 3)], [statements(3, 3)]);
    expect(comparison).toMatchObject({ verdict: "same", exitCode: 0, changes: [] });
    expect(comparison.unchanged).toBeGreaterThan(0);
    expect(comparison.comparisons[0]).toMatchObject({
      ratio: 1,
      decision: "same",
      advisory: false,
    });
  });
});

describe("correctness", () => {
  it("that got worse ends with 1: a property was violated", () => {
    const comparison = compare([runOf()], [runOf({ subject: subjectWith("violated") })]);
    expect(comparison).toMatchObject({ verdict: "worse", exitCode: 1 });
    expect(comparison.changes).toEqual([
      expect.objectContaining({
        property: "single-grant",
        baseline: "passed",
        current: "violated",
        decision: "worse",
      }),
    ]);
  });

  it("that was mended is better", () => {
    const comparison = compare([runOf({ subject: subjectWith("violated") })], [runOf()]);
    expect(comparison).toMatchObject({ verdict: "better", exitCode: 0 });
  });

  it("that is no longer judged is not known to hold", () => {
    const comparison = compare([runOf()], [runOf({ subject: subjectWith("inconclusive") })]);
    expect(comparison).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
    const gone = compare([runOf()], [runOf({ subject: { checks: [] } })]);
    expect(gone).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
  });

  it("cannot be told where the control was not caught any more", () => {
    const uncaught = runOf({ control: { verdict: "passed" } });
    const comparison = compare([runOf()], [uncaught]);
    expect(comparison).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
    expect(comparison.changes[0]).toMatchObject({ kind: "control", strategy: "naive" });
  });

  it("of several runs is that of the worst", () => {
    const runs = [runOf(), runOf({ subject: subjectWith("violated") }), runOf()];
    expect(compare([runOf()], runs)).toMatchObject({ exitCode: 1 });
  });

  it("counts an expectation that is missed now as a regression, exit 3", () => {
    const expectations = runOf().result.expectations.map((each) => ({
      ...each,
      verdict: "violated" as const,
    }));
    const comparison = compare([runOf()], [runOf({ run: { expectations } })]);
    expect(comparison).toMatchObject({ verdict: "worse", exitCode: 3 });
  });
});

describe("costs", () => {
  it.each([
    ["one more statement a claim", [4, 4], "worse", 3],
    ["one less", [2, 2], "better", 0],
    ["one percent", [3.03, 3.03], "same", 0],
    ["a scatter that holds both", [2.6, 3.6], "inconclusive", 2],
    ["one round alone: what was counted", [4], "worse", 3],
  ])("of %s", (_what, numbers, decision, exitCode) => {
    const comparison = compare([statements(3, 3)], [statements(...numbers)]);
    expect(comparison.comparisons[0]).toMatchObject({ decision, advisory: false });
    expect(comparison).toMatchObject({ verdict: decision, exitCode });
  });

  it("that scatter too much decide nothing as long as others are clear", () => {
    const run = (...numbers: number[]): ResultFile =>
      runOf({
        metrics: { "costPerClaim.statements": [3, 3], "costPerClaim.walBytes": numbers },
      });
    const comparison = compare([run(100, 200)], [run(110, 190)]);
    expect(comparison.comparisons[1]).toMatchObject({ decision: "inconclusive", advisory: false });
    expect(comparison).toMatchObject({ verdict: "same", exitCode: 0 });
  });

  it("of a control are told and decide nothing", () => {
    const { strategies } = runOf().result;
    const naive = strategies.find(({ role }) => role === "control");
    const costs = { ...naive?.costPerClaim, statements: 99, roundTrips: 99, walBytes: 99 };
    const current = runOf({
      metrics: { "costPerClaim.statements": [3, 3] },
      control: { costPerClaim: costs },
    });
    expect(compare([statements(3, 3)], [current])).toMatchObject({ verdict: "same", exitCode: 0 });
  });

  it("are advisory where faults land at random", () => {
    const withFaults = { faults: runOf().result.strategies[0]?.faults ?? [] };
    const sample = {
      fault: "kill-1",
      kind: "kill-connection",
      summary: "",
      injected: 1,
      hit: 1,
      spans: [],
    };
    const current = runOf({
      metrics: { "costPerClaim.statements": [4, 4] },
      subject: { ...withFaults, faults: [sample] },
    });
    const comparison = compare([statements(3, 3)], [current]);
    expect(comparison.comparisons[0]).toMatchObject({ decision: "worse", advisory: true });
    expect(comparison.exitCode).toBe(0);
  });
});

describe("times", () => {
  it("of runs one after the other are told and decide nothing", () => {
    const before = runOf({ metrics: { claimsPerSecond: [1000, 1010, 1005] } });
    const now = runOf({ metrics: { claimsPerSecond: [500, 505, 502] } });
    const comparison = compare([before], [now]);
    const [rates] = comparison.comparisons;
    expect(rates).toMatchObject({ decision: "worse", advisory: true, pairs: 0 });
    expect(comparison).toMatchObject({ verdict: "same", exitCode: 0 });
    expect(comparison.notes.join()).toContain("advisory");
  });

  it("of runs in turns count: A B B A A B", () => {
    const before = [rate(at(0), 1000), rate(at(3), 990), rate(at(4), 1005)];
    const now = [rate(at(1), 500), rate(at(2), 497), rate(at(5), 502)];
    const comparison = compare(before, now);
    expect(comparison.comparisons[0]).toMatchObject({
      decision: "worse",
      advisory: false,
      pairs: 3,
    });
    expect(comparison).toMatchObject({ verdict: "worse", exitCode: 3 });
  });

  it("of runs in turns on two machines do not", () => {
    const { environment } = runOf().result;
    const elsewhere = (file: ResultFile): ResultFile => ({
      ...file,
      result: { ...file.result, environment: { ...environment, cpuModel: "another" } },
    });
    const comparison = compare(
      [rate(at(0), 1000), rate(at(3), 990)],
      [elsewhere(rate(at(1), 500)), elsewhere(rate(at(2), 497))],
    );
    expect(comparison.comparisons[0]).toMatchObject({ advisory: true });
    expect(comparison.notes.join()).toContain("not run on the same machine");
  });

  it("of three runs a side scatter as runs do, not as the rounds in them", () => {
    const before = [1000, 1200, 1100].map((perSecond, minute) => rate(at(minute), perSecond));
    const now = [900, 1150, 1000].map((perSecond, minute) => rate(at(10 + minute), perSecond));
    const [rates] = compare(before, now).comparisons;
    expect(rates).toMatchObject({ decision: "inconclusive", significant: false });
  });
});

describe("what cannot be compared", () => {
  const withEnvironment = (changes: Partial<RunResult["environment"]>): ResultFile => {
    const { environment } = runOf().result;
    return runOf({ run: { environment: { ...environment, ...changes } } });
  };

  it.each([
    [
      "another scenario",
      runOf({ run: { scenario: { name: "x", file: "x", description: "" } } }),
      /no scenario is on both sides/,
    ],
    [
      "another load",
      runOf({ run: { load: { summary: "more", bots: 1, jobs: 1, repeat: 1 } } }),
      /load: baseline .*, current more/,
    ],
    [
      "another number of CPUs",
      withEnvironment({ cpus: 64 }),
      /number of CPUs: baseline 2, current 64/,
    ],
    [
      "another PostgreSQL",
      withEnvironment({ versions: { postgres: "14.2" } }),
      /PostgreSQL major version: baseline unknown, current 14/,
    ],
    [
      "another setting",
      withEnvironment({ settings: { fsync: "off" } }),
      /server setting fsync: baseline on, current off/,
    ],
    [
      "no proxy",
      withEnvironment({ toxiproxy: "none" }),
      /proxy in the way: baseline yes, current no/,
    ],
  ])("%s is refused, and named", (_what, other, message) => {
    const before = withEnvironment({ settings: { fsync: "on" } });
    expect(() => compare([before], [other])).toThrow(message);
  });

  it("may differ in the number of rounds", () => {
    const { load } = runOf().result;
    const rounds = (text: string): ResultFile =>
      runOf({ run: { load: { ...load, summary: `drain 9 jobs, each strategy ${text}` } } });
    expect(compare([rounds("once")], [rounds("12 times")]).exitCode).toBe(0);
  });

  it("may have scenarios of its own, but not lose one unseen", () => {
    const other = runOf({ run: { scenario: { name: "x", file: "x", description: "" } } });
    expect(compare([runOf()], [runOf(), other])).toMatchObject({ exitCode: 0 });
    const lost = compare([runOf(), other], [runOf()]);
    expect(lost).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
  });
});
