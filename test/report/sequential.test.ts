import { expect, it } from "vitest";
import type { LookDetail } from "../../src/history/event.ts";
import type { ComparisonResult } from "../../src/report/result.ts";
import { lookAt, playedText, sequentialResult } from "../../src/report/sequential.ts";
import { scenarioWith } from "../scenario/example.ts";

const compared = (metric: string, decision: NonNullable<ComparisonResult["decision"]>) => ({
  metric,
  subject: "mine",
  control: "naive",
  ratio: 1,
  low: 0.9,
  high: 1.1,
  significant: false,
  pairs: 6,
  decision,
  margin: 0.05,
});

it("a look stops where all comparisons of claims/s are decided, whatever the others say", () => {
  const decided = [compared("claimsPerSecond", "same"), compared("claimsPerSecond", "worse")];
  const cost = compared("costPerClaim.walBytes", "inconclusive");
  const at = { repeats: 6, most: 24 };
  expect(lookAt([...decided, cost], at)).toEqual({
    repeats: 6,
    comparisons: 2,
    decided: 2,
    stops: true,
  });
  const open = compared("claimsPerSecond", "inconclusive");
  expect(lookAt([...decided, open], at)).toMatchObject({ decided: 2, stops: false });
  // Nothing measured is nothing decided; after the last repeat there is nothing left to stop.
  expect(lookAt([cost], at).stops).toBe(false);
  expect(lookAt(decided, { repeats: 24, most: 24 }).stops).toBe(false);
});

const scenario = scenarioWith(
  "strategies: { subjects: [skip-locked], controls: [naive] }",
  "repeat: { min: 6, max: 24 }",
);
const open: LookDetail = { repeats: 6, comparisons: 2, decided: 1, stops: false };

it.each([
  [
    "decided",
    [open, { ...open, repeats: 10, decided: 2, stops: true }],
    false,
    "ended after 10 of",
  ],
  ["most", [open, { ...open, repeats: 24 }], false, "with 1 of 2 undecided"],
  ["interrupted", [open], true, "interrupted before"],
] as const)("a run says why it ended: %s", (end, looks, interrupted, text) => {
  const result = sequentialResult(scenario, { looks, interrupted });
  expect(result).toMatchObject({ least: 6, most: 24, end, looks });
  expect(result?.confidence).toBeCloseTo(0.9818, 10);
  expect(result?.summary).toContain(text);
});

it("a fixed number of rounds says no more than before", () => {
  const fixed = scenarioWith("repeat: 3");
  expect(sequentialResult(fixed, { looks: [], interrupted: false })).toBeNull();
  expect(playedText(fixed, null)).toBe("each strategy 3 times");
});
