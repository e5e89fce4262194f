import { describe, expect, test } from "vitest";

import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { plain } from "../../src/report/terminal/paint.ts";
import { terminalSummary } from "../../src/report/terminal.ts";
import { sampleResult } from "./golden.ts";

const [sampleSubject] = sampleResult("passed").strategies as [StrategyResult];
const sampleControl = sampleResult("violated").strategies.find(
  ({ role }) => role === "control",
) as StrategyResult;

function subject(name: string, median: number | null): StrategyResult {
  return { ...sampleSubject, name, claimsPerSecond: { ...sampleSubject.claimsPerSecond, median } };
}

const longest = "a-strategy-of-26-characters";
const subjects = [
  subject("slow", 10),
  subject("unmeasured", null),
  subject("quick", 2_000),
  subject("middling", 300),
  subject(longest, 200),
  subject("sixth", 100),
];

const matrix = (strategies: readonly StrategyResult[]): RunResult => ({
  ...sampleResult("passed"),
  strategies: [...strategies],
});

const summary = (result: RunResult, columns: number): string =>
  terminalSummary(result, { paint: plain, columns });

const tableOf = (text: string): string[] => (text.split("\n\n")[1] ?? "").split("\n");
const firstWords = (lines: readonly string[]): string[] =>
  lines.slice(1).map((line) => line.split(" ")[0] ?? "");

describe("the summary of seven strategies or more", () => {
  const all = matrix([...subjects, { ...sampleControl, name: "wrong" }]);

  test("has a line for each: subjects, then controls, the fastest first", () => {
    expect(firstWords(tableOf(summary(all, 120)))).toEqual([
      "quick",
      "middling",
      longest,
      "sixth",
      "slow",
      "unmeasured",
      "wrong",
    ]);
  });

  test("leaves columns out where it is too wide, and breaks no line", () => {
    const headings = (columns: number): string => tableOf(summary(all, columns))[0] ?? "";
    for (const columns of [120, 100, 80, 60, 40]) {
      for (const line of tableOf(summary(all, columns))) {
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
    expect(headings(120)).toMatch(/conflicts +false empty +verdict +broken$/);
    expect(headings(100)).toMatch(
      /claims\/s +p50 ms +p99 ms +duplicates +conflicts +false empty +verdict$/,
    );
    expect(headings(80)).toMatch(/claims\/s +p50 ms +p99 ms +duplicates +verdict$/);
    expect(headings(40)).toMatch(/^strategy +verdict$/);
  });

  test("says of a control by what it was caught, and leaves its evidence to report.html", () => {
    const text = summary(all, 120);
    expect(text).toMatch(/wrong .* ✓ caught +single-grant$/m);
    expect(text).not.toContain("wrong, the control");
    expect(text).toContain("are in report.html");
  });

  test("shows the evidence of a subject that is violated and of a control that is not", () => {
    const checks = sampleControl.checks;
    const bad = { ...subject("bad", 1), verdict: "violated", checks } as const;
    const idle = { ...sampleControl, name: "idle", verdict: "inconclusive" } as const;
    const text = summary(matrix([...subjects, bad, idle]), 120);
    expect(text).toMatch(/^bad$/m);
    expect(text).toMatch(/^idle, the control$/m);
    expect(text).toContain("! NOT CAUGHT");
  });

  test("is the usual one for six", () => {
    expect(summary(matrix(subjects), 200)).toContain("p99 to claim");
  });
});
