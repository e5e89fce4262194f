import { expect, it } from "vitest";
import { planUntilStopped } from "../../src/history/looks.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { scenarioWith } from "../scenario/example.ts";

it("a look that stops takes the repeats after it out of the plan, and only that one does", () => {
  const plan = makePlan(
    scenarioWith(
      "strategies: { subjects: [skip-locked], controls: [naive] }",
      "repeat: { min: 4, max: 8 }",
    ),
    1,
  );
  const look = { repeats: 4, comparisons: 1, decided: 0, stops: false };
  expect(planUntilStopped(plan, [])).toBe(plan);
  expect(planUntilStopped(plan, [look])).toBe(plan);
  const { rounds } = planUntilStopped(plan, [look, { ...look, repeats: 6, stops: true }]);
  expect(rounds).toEqual(plan.rounds.slice(0, 12));
});
