import { expect, test } from "vitest";

import { headline } from "../../src/report/headline.ts";
import type { CheckResult, StrategyResult } from "../../src/report/result.ts";
import { sampleResult } from "./golden.ts";

type Changes = Partial<Omit<StrategyResult, "claims">> & { readonly duplicates?: number };

function strategy({ duplicates = 0, ...changes }: Changes): StrategyResult {
  const [sample] = sampleResult("inconclusive").strategies;
  const claims = { ...sample!.claims, granted: 1800, duplicates };
  return { ...sample!, name: "mine", faults: [], checks: [], claims, ...changes };
}

function check(name: string, changes: Partial<CheckResult>): CheckResult {
  return { name, property: "", verdict: "passed", count: 0, evidence: [], ...changes };
}

test("names the checks that a subject violated besides", () => {
  const checks = [
    check("single-grant", { verdict: "violated", count: 2 }),
    check("drained", { verdict: "violated", count: 3 }),
  ];
  expect(headline([strategy({ verdict: "violated", duplicates: 2, checks })])).toBe(
    "mine gave a job twice 2 times, and violated drained (3).",
  );
  expect(headline([strategy({ verdict: "violated", checks: checks.slice(1) })])).toBe(
    "mine violated drained (3).",
  );
});

test("says why a subject could not be judged", () => {
  const checks = [check("enough-evidence", { verdict: "inconclusive", note: "nothing hit" })];
  expect(headline([strategy({ verdict: "inconclusive", checks })])).toBe(
    "enough-evidence could not judge mine (nothing hit).",
  );
});

test("says how a control was caught that gave no job twice", () => {
  const checks = [check("drained", { verdict: "violated", count: 1 })];
  expect(headline([strategy({ role: "control", verdict: "violated", checks })])).toBe(
    "mine, the control, was caught by drained (1).",
  );
});

test("tells how often faults hit", () => {
  const [{ faults }] = sampleResult("passed").strategies as [StrategyResult];
  expect(headline([strategy({ verdict: "passed", faults })])).toBe(
    "mine gave no job twice in 1,800 claims while faults hit 33 times.",
  );
});

test("names the expectations that were missed", () => {
  const expected = { text: "mine.toClaim.p99 < 1ms", actual: "2 ms, not < 1 ms" };
  expect(
    headline([strategy({ verdict: "passed" })], [{ ...expected, verdict: "violated" }]),
  ).toMatch(/^mine.toClaim.p99 < 1ms was missed \(2 ms, not < 1 ms\); mine gave no job twice/);
  expect(headline([], [{ ...expected, verdict: "inconclusive" }])).toMatch(/could not be judged/);
  expect(headline([], [{ ...expected, verdict: "passed" }])).toBe("Nothing was judged.");
});

test("of many that did the same says how many", () => {
  const [{ faults }] = sampleResult("passed").strategies as [StrategyResult];
  const passed = strategy({ verdict: "passed", faults });
  const caught = strategy({ role: "control", verdict: "violated", duplicates: 1 });
  expect(headline([passed, passed, passed, passed, caught, caught, caught, caught])).toBe(
    "4 strategies gave no job twice in 7,200 claims while faults hit 132 times; 4 controls were caught.",
  );
});

test("of nothing says so", () => {
  expect(headline([])).toBe("Nothing was judged.");
});
