import { describe, expect, it } from "vitest";
import { nothingLost } from "../../src/checks/nothing-lost.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, foreignEvidenceOf, judged } from "./judged.ts";

function enqueued(): HistoryBuilder {
  return new HistoryBuilder().begin().enqueue(10);
}

describe("nothing-lost is violated by", () => {
  it("a job that is gone at the end", () => {
    const history = enqueued()
      .granted(1, 7)
      .final({
        succeeded: [
          [1, 6],
          [9, 10],
        ],
      });
    expect(casesOf(nothingLost, history)[0]).toMatchObject({
      summary: "2 jobs acknowledged and gone at the end: 7–8",
      job: 7,
    });
    expect(judged(nothingLost, history)).toMatchObject({ count: 2 });
  });

  it("a job that is there though nobody enqueued it", () => {
    const history = enqueued().final({ succeeded: [[1, 11]] });
    expect(casesOf(nothingLost, history)[0]?.summary).toBe("1 job there that nobody enqueued: 11");
  });

  it("a job that was granted though nobody enqueued it", () => {
    const history = enqueued()
      .granted(1, 99)
      .final({ succeeded: [[1, 10]] });
    expect(casesOf(nothingLost, history)[0]).toMatchObject({ job: 99 });
  });

  it("a completion that was accepted twice, also where nobody looked at the tables", () => {
    const history = enqueued().granted(1, 5).granted(2, 5).completed(1, 5).completed(2, 5);
    expect(casesOf(nothingLost, history)[0]?.summary).toBe(
      "job 5 was completed 2 times: by bot 1 (t=8.000 ms), bot 2 (t=10.000 ms)",
    );
  });
});

describe("nothing-lost passes", () => {
  it("jobs that are all there, whatever their state", () => {
    const history = enqueued().final({
      succeeded: [
        [1, 4],
        [6, 10],
      ],
      pending: [[5, 5]],
    });
    expect(verdictOf(nothingLost, history)).toBe("passed");
  });

  it("jobs whose enqueue was not acknowledged, and calls them recovered", () => {
    const history = enqueued()
      .invoke(0, "enqueue")
      .final({ succeeded: [[1, 12]] });
    expect(judged(nothingLost, history)).toMatchObject({
      verdict: "passed",
      note: "10 jobs acknowledged, 2 recovered",
    });
  });

  it("a completion that was tried again after its outcome was unknown", () => {
    const history = enqueued().granted(1, 5).does(1, "complete", "unknown", { job: 5 });
    expect(verdictOf(nothingLost, history.completed(1, 5).final({ succeeded: [[1, 10]] }))).toBe(
      "passed",
    );
  });
});

describe("nothing-lost is inconclusive", () => {
  it("where the tables were not looked at, or nothing was enqueued", () => {
    expect(verdictOf(nothingLost, enqueued())).toBe("inconclusive");
    expect(verdictOf(nothingLost, new HistoryBuilder().begin().final({}))).toBe("inconclusive");
  });

  it("and not judged where another system leaves both out", () => {
    const history = new HistoryBuilder().begin().granted(1, 1);
    expect(nothingLost.judge(foreignEvidenceOf(history)).verdict).toBe("not-judged");
    expect(nothingLost.judge(foreignEvidenceOf(enqueued())).verdict).toBe("not-judged");
  });
});
