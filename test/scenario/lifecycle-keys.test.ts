import { describe, expect, it, test } from "vitest";
import { read, scenarioWith, textWith } from "./example.ts";

test("leases, rescue and retries are read in milliseconds", () => {
  const scenario = scenarioWith(
    "claims: { lease: 2s, heartbeat: 500ms, limit: 5 }",
    "rescue: { every: 250ms }",
    "retry: { base: 10ms, cap: 1s, jitter: 0.2, redrive: 3 }",
    "jobs: { count: 9, types: { email: 3, report: 1 }, priorities: { 0: 9, 10: 1 }, keys: 4, maxAttempts: 7, failing: 0.25 }",
    "bots: { count: 4, types: [email, [email, report], any] }",
  );
  expect(scenario.claims).toEqual({ leaseMs: 2000, heartbeatMs: 500, limit: 5 });
  expect(scenario.rescue).toEqual({ everyMs: 250 });
  expect(scenario.retry).toEqual({ baseMs: 10, capMs: 1000, jitter: 0.2, redrive: 3 });
  expect(scenario.jobs).toEqual({
    count: 9,
    workMs: 0,
    types: { email: 3, report: 1 },
    priorities: { "0": 9, "10": 1 },
    keys: 4,
    maxAttempts: 7,
    failing: 0.25,
  });
  expect(scenario.bots.types).toEqual([["email"], ["email", "report"], null]);
});

test("what is left out of them has its default", () => {
  const scenario = scenarioWith("claims: {}", "retry: {}");
  expect(scenario.claims).toEqual({ leaseMs: 60_000, limit: 1 });
  expect(scenario.retry).toEqual({ baseMs: 100, capMs: 10_000, jitter: 0.5 });
});

describe("a scenario is told where and why it cannot be:", () => {
  const refused: readonly (readonly [what: string, lines: readonly string[], message: string])[] = [
    [
      "a heartbeat that comes too late",
      ["claims: { lease: 3s, heartbeat: 3s }"],
      "x.yaml:6:33: a heartbeat every 3s comes too late for a lease of 3s | let one be missed and still be in time: heartbeat: 1s",
    ],
    [
      "a cap below the first wait",
      ["retry: { base: 1s, cap: 100ms }"],
      "x.yaml:6:25: the longest wait, 100ms, is shorter than the first, 1s | raise retry.cap, or lower retry.base",
    ],
    [
      "a type that no bot takes",
      ["jobs: { count: 4, types: { a: 1, b: 1 } }", "bots: { count: 2, types: [a] }"],
      'x.yaml:5:26: no bot takes jobs of type "b", so they are never done | name it in bots.types, or let some bots take any',
    ],
    [
      "a type that no job has",
      ["jobs: { count: 4, types: { a: 1 } }", "bots: { count: 2, types: [a, c] }"],
      'x.yaml:5:26: bots take jobs of type "c", and there are none | types of jobs are a',
    ],
    [
      "bots of types where jobs have none",
      ["bots: { count: 2, types: [any, a] }"],
      'x.yaml:5:26: bots take jobs of type "a", and there are none | types of jobs are default',
    ],
    [
      "more kinds of bot than bots",
      ["jobs: { count: 4, types: { a: 1 } }", "bots: { count: 1, types: [a, any] }"],
      "x.yaml:5:26: 2 kinds of bot, but 1 bots | raise bots.count, or name fewer",
    ],
    [
      "a share of failures above one",
      ["jobs: { count: 4, failing: 1.5 }"],
      "x.yaml:5:28: must be at most 1, got 1.5",
    ],
    [
      "a priority that is no number",
      ["jobs: { count: 4, priorities: { high: 1 } }"],
      "x.yaml:5:33: not a priority | write a whole number: { 0: 9, 10: 1 }",
    ],
    ["no job a claim", ["claims: { limit: 0 }"], "x.yaml:6:18: must be at least 1, got 0"],
    ["a rescue without a pace", ["rescue: {}"], 'x.yaml:6:9: missing key "every"'],
  ];
  for (const [what, lines, message] of refused) {
    it(`refuses ${what}`, () => {
      const told = errorOf(() => read(textWith(...lines)));
      expect(told.replace("\n  hint: ", " | ")).toBe(message);
    });
  }
});

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was accepted");
}
