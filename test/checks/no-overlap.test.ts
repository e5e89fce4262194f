import { describe, expect, it } from "vitest";
import { noOverlap } from "../../src/checks/no-overlap.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf, judged } from "./judged.ts";

const job = { job: 5 };

function bothGranted(): HistoryBuilder {
  return new HistoryBuilder().begin().granted(1, 5).granted(2, 5);
}

describe("no-overlap is violated by", () => {
  it("two bots that have started one job", () => {
    const history = bothGranted().does(1, "start", "ok", job).does(2, "start", "ok", job);
    history.does(1, "complete", "ok", job).does(2, "complete", "empty", job);
    const [found] = casesOf(noOverlap, history);
    expect(found?.summary).toBe(
      "bot 1 (since t=6.000 ms) and bot 2 (since t=8.000 ms) worked on job 5 at the same time",
    );
    expect(found?.events.map(({ i }) => i)).toEqual([6, 8, 9]);
  });

  it("two bots that do not start, and hold one job at once", () => {
    const history = bothGranted().completed(1, 5).does(2, "complete", "empty", job);
    expect(casesOf(noOverlap, history)).toHaveLength(1);
  });

  it("a bot that never settles", () => {
    expect(casesOf(noOverlap, bothGranted())).toHaveLength(1);
  });
});

describe("no-overlap passes", () => {
  it("two bots that were granted one job, of which one was refused at the start", () => {
    const history = bothGranted().does(1, "start", "ok", job).does(2, "start", "empty", job);
    expect(verdictOf(noOverlap, history.completed(1, 5))).toBe("passed");
  });

  it("one bot after the other", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).does(1, "start", "ok", job);
    history.released(1, 5).granted(2, 5).does(2, "start", "ok", job).completed(2, 5);
    expect(verdictOf(noOverlap, history)).toBe("passed");
  });

  it("a bot that turned to another job before the second began", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).granted(1, 6).granted(2, 5);
    expect(verdictOf(noOverlap, history)).toBe("passed");
  });

  it("a job of a batch that another bot had before its turn came", () => {
    const history = new HistoryBuilder().begin();
    history.does(1, "claim", "ok", { job: 4, detail: { more: [{ job: 5 }] } });
    history.granted(2, 5).completed(2, 5).completed(1, 4).does(1, "complete", "empty", job);
    expect(verdictOf(noOverlap, history)).toBe("passed");
  });

  it("an overlap after a rescue, which it counts as a cost", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).does(1, "start", "ok", job);
    history.rescued(5);
    history.granted(2, 5).does(2, "start", "ok", job).does(1, "complete", "empty", job);
    expect(judged(noOverlap, history)).toMatchObject({
      verdict: "passed",
      note: "1 overlap after a lease ran out: the cost of at least once",
    });
  });
});

describe("no-overlap is inconclusive", () => {
  it("where no bot worked", () => {
    expect(verdictOf(noOverlap, new HistoryBuilder().begin())).toBe("inconclusive");
  });
});
