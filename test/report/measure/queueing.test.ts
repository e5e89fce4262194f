import { describe, expect, it } from "vitest";
import { measureQueueing } from "../../../src/report/measure/queueing.ts";
import { countClaims, noClaims } from "../../../src/report/measure/claims.ts";
import type { QueueingResult } from "../../../src/report/result.ts";
import { evidenceOf } from "../../checks/judged.ts";
import type { HistoryBuilder } from "../../histories/builder.ts";
import { loaded } from "./rounds.ts";

function measured(tell: (history: HistoryBuilder) => void, bots = 2): QueueingResult {
  const evidence = evidenceOf(loaded(tell, { bots }));
  const claims = noClaims();
  for (const round of evidence.rounds) countClaims(round, claims);
  return measureQueueing(evidence, claims);
}

const grants =
  (...jobs: readonly (readonly [bot: number, job: number])[]) =>
  (history: HistoryBuilder): void => {
    for (const [bot, job] of jobs) history.granted(bot, job);
  };

describe("order and sharing", () => {
  it("counts the older jobs that each grant passes over", () => {
    const inOrder = measured(grants([1, 1], [2, 2], [1, 3]));
    expect(inOrder.fifoInversion).toEqual({ mean: 0, max: 0 });
    // 4 passes over 1, 2 and 3; 2 over 1.
    const turned = measured(grants([1, 4], [2, 2], [1, 1], [2, 3]));
    expect(turned.fifoInversion).toEqual({ mean: 1, max: 3 });
  });

  it("counts a job once, when it was first granted", () => {
    expect(measured(grants([1, 2], [2, 1], [1, 2])).fifoInversion).toEqual({ mean: 0.5, max: 1 });
  });

  it("is fair where all bots are granted as much, also to those that go without", () => {
    expect(measured(grants([1, 1], [2, 2])).fairness).toBe(1);
    expect(measured(grants([1, 1], [1, 2]), 4).fairness).toBe(0.25);
  });

  it("counts conflicts per claim and starts per completed job", () => {
    const { conflictsPerClaim, startsPerJob } = measured((history) => {
      history.does(2, "claim", "failed", { code: "40001" }).granted(1, 1);
      history.does(1, "start", "ok", { job: 1 }).does(1, "start", "ok", { job: 1 });
      history.does(1, "start", "unknown", { job: 1 }).completed(1, 1);
    });
    expect([conflictsPerClaim, startsPerJob]).toEqual([1, 2]);
  });

  it("has no numbers where nothing was granted", () => {
    expect(measured(() => undefined)).toEqual({
      fifoInversion: { mean: null, max: null },
      fairness: null,
      conflictsPerClaim: null,
      startsPerJob: null,
    });
  });
});
