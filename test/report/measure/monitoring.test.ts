import { describe, expect, it } from "vitest";
import { measureMonitoring } from "../../../src/report/measure/monitoring.ts";
import { evidenceOf } from "../../checks/judged.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import { wholeRound } from "../../histories/whole-round.ts";

describe("what is to be watched", () => {
  it("counts statements that a constraint refused, and nothing else that failed", () => {
    const history = new HistoryBuilder({ strategy: "skip-locked" });
    history.begin().enqueue(1);
    for (const code of ["23505", "23514", "40001", "57P01"])
      history.does(1, "claim", "failed", { code });
    expect(measureMonitoring(evidenceOf(history.end()).rounds)).toEqual({
      constraintViolations: 2,
      stuckPending: null,
    });
    history.final({ pending: [[3, 5]], succeeded: [[1, 2]] });
    expect(measureMonitoring(evidenceOf(history).rounds).stuckPending).toBe(3);
  });

  it("counts no job as stuck where all were drained", () => {
    const { rounds } = evidenceOf(wholeRound({ strategy: "skip-locked" }));
    expect(measureMonitoring(rounds)).toEqual({ constraintViolations: 0, stuckPending: 0 });
  });
});
