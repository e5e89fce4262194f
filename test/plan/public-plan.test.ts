import { expect, test } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import { publicPlan } from "../../src/plan/public-plan.ts";
import { scenarioWith } from "../scenario/example.ts";

test("a plan is shown without passwords, and stays as it is", () => {
  const plan = makePlan(
    scenarioWith(
      'environment: { postgres: "postgres://u:secret@h/d", toxiproxy: "http://u:secret@p:8474" }',
    ),
    1,
  );
  const shown = publicPlan(plan);
  expect(JSON.stringify(shown)).not.toContain("secret");
  expect(shown.scenario.environment).toMatchObject({
    postgres: "postgres://u:***@h/d",
    toxiproxy: "http://u:***@p:8474",
  });
  expect(plan.scenario.environment.postgres).toBe("postgres://u:secret@h/d");
});

test("a plan without URLs is shown whole", () => {
  const plan = makePlan(scenarioWith(), 1);
  expect(publicPlan(plan)).toEqual(plan);
});
