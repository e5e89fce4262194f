import { expect, it } from "vitest";
import { measureRamp } from "../../../src/report/measure/ramp.ts";
import { firstRound, loaded } from "./rounds.ts";

const stages = [
  { ratePerSecond: 100, forMs: 100 },
  { ratePerSecond: 200, forMs: 100 },
  { ratePerSecond: 300, forMs: 100 },
];
const load = {
  kind: "ramp",
  stages,
  arrivals: "constant",
  lateAfterMs: 10,
  skipAfterMs: 100,
} as const;

/** A load that begins at 100 ms and in which so many claims are granted in each stage, every one 2 ms after it was due. */
function ramp(granted: readonly number[]) {
  const history = loaded((builder) => {
    let job = 0;
    for (const [stage, count] of granted.entries()) {
      for (let n = 0; n < count; n++) {
        const dueMs = 101 + stage * 100 + n;
        builder.at(dueMs).invoke(1, "claim", { detail: { intendedAt: dueMs * 1e6 } });
        builder.at(dueMs + 2).answer(1, "claim", "ok", { job: ++job, attempt: 1 });
        builder.completed(1, job, 1);
      }
    }
    builder.at(402);
  });
  const { round } = firstRound(history);
  const { plan } = history.header();
  return measureRamp([round], { ...plan, scenario: { ...plan.scenario, load } });
}

it("finds the last stage that was kept up with", () => {
  const result = ramp([10, 20, 15]);
  expect(result?.stages.map(({ keptUp }) => keptUp)).toEqual([true, true, false]);
  expect(result?.stages.map(({ claimsPerSecond }) => claimsPerSecond)).toEqual([100, 200, 150]);
  expect(result?.stages[0]?.responseMsP50).toBe(2);
  expect(result?.kneePerSecond).toBe(200);
});

it("has no knee where the first stage was too much, and ends with the last where none was", () => {
  expect(ramp([5, 20, 30])?.kneePerSecond).toBeNull();
  expect(ramp([10, 20, 30])?.kneePerSecond).toBe(300);
});

it("withholds a percentile below the samples that support it", () => {
  expect(ramp([5, 20, 30])?.stages.map(({ responseMsP99 }) => responseMsP99)).toEqual([
    null,
    null,
    null,
  ]);
  expect(ramp([5, 20, 30])?.stages[0]?.responseMsP50).toBeNull();
});

it("counts a job that is granted twice once", () => {
  const history = loaded((builder) => {
    for (const bot of [1, 2, 3]) {
      builder.at(110).invoke(bot, "claim", { detail: { intendedAt: 109e6 } });
      builder.answer(bot, "claim", "ok", { job: 1, attempt: 1 });
    }
    builder.at(402);
  });
  const { plan } = history.header();
  const result = measureRamp([firstRound(history).round], {
    ...plan,
    scenario: { ...plan.scenario, load },
  });
  expect(result?.stages[0]?.claimsPerSecond).toBe(10);
});
