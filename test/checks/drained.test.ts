import { describe, expect, it } from "vitest";
import { drained } from "../../src/checks/drained.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, foreignEvidenceOf, judged } from "./judged.ts";

function round(): HistoryBuilder {
  return new HistoryBuilder().begin().enqueue(6);
}

describe("drained", () => {
  it("is violated by jobs that are left, and tells the last that was heard of one", () => {
    const history = round().granted(3, 5).phase("drain", "begin").phase("drain", "end", "deadline");
    history.final({
      succeeded: [[1, 3]],
      claimed: [[5, 5]],
      pending: [
        [4, 4],
        [6, 6],
      ],
    });
    const cases = casesOf(drained, history);
    expect(cases.map(({ summary }) => summary)).toEqual([
      "1 job still claimed after the drain: 5; the last heard of job 5 is claim ok of bot 3 (t=4.000 ms)",
      "2 jobs still pending after the drain: 4, 6; job 4 was never granted",
    ]);
    expect(judged(drained, history)).toMatchObject({ count: 3 });
  });

  it("passes where every job reached a final state", () => {
    const history = round().final({ succeeded: [[1, 4]], failed: [[5, 5]], dead: [[6, 6]] });
    expect(verdictOf(drained, history)).toBe("passed");
  });

  it("is inconclusive where the run was cut short or interrupted, or had no job", () => {
    expect(verdictOf(drained, round())).toBe("inconclusive");
    const interrupted = round().phase("load", "begin").phase("load", "end", "interrupted");
    expect(verdictOf(drained, interrupted.final({ pending: [[1, 6]] }))).toBe("inconclusive");
    expect(verdictOf(drained, new HistoryBuilder().begin().final({}))).toBe("inconclusive");
  });

  it("is not judged where another system does not tell of the end", () => {
    expect(drained.judge(foreignEvidenceOf(round())).verdict).toBe("not-judged");
  });
});
