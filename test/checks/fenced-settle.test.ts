import { describe, expect, it } from "vitest";
import { fencedSettle } from "../../src/checks/fenced-settle.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, verdictOf } from "./judged.ts";

function pausedHolder(): HistoryBuilder {
  return new HistoryBuilder().begin().granted(1, 5, 1).rescued(5).granted(2, 5, 2);
}

describe("fenced-settle is violated by", () => {
  it("a paused bot that comes back and completes what another has", () => {
    const [found] = casesOf(fencedSettle, pausedHolder().completed(1, 5, 1));
    expect(found?.summary).toContain(
      "was accepted from bot 1, though it was granted to bot 2 (t=6.000 ms) since",
    );
    expect(found?.bots).toEqual([2, 1]);
  });

  it("a bot that settles an older attempt of its own", () => {
    const history = new HistoryBuilder().begin().granted(1, 5, 1).rescued(5);
    history.granted(2, 5, 2).released(2, 5, 2).granted(1, 5, 3).completed(1, 5, 1);
    expect(casesOf(fencedSettle, history)).toHaveLength(1);
  });

  it("a claim that is settled twice", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).completed(1, 5).completed(1, 5);
    expect(casesOf(fencedSettle, history)[0]?.summary).toContain("had ended by a complete");
  });

  it("two bots that were granted the job together, in an order that nobody knows", () => {
    const history = new HistoryBuilder().begin().invoke(1, "claim").invoke(2, "claim");
    history.answer(1, "claim", "ok", { job: 5 }).answer(2, "claim", "ok", { job: 5 });
    const [found] = casesOf(fencedSettle, history.completed(1, 5).completed(2, 5));
    expect(found?.summary).toContain("had ended by a complete of bot 1 (t=5.000 ms)");
    expect(found?.bots).toEqual([2, 1]);
  });

  it("a bot whose claim was rescued", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).rescued(5).completed(1, 5);
    expect(casesOf(fencedSettle, history)[0]?.summary).toContain("had ended by a rescue");
  });

  it("a bot that was never granted the job", () => {
    const history = new HistoryBuilder().begin().completed(1, 5);
    expect(casesOf(fencedSettle, history)[0]?.summary).toContain("was never granted it");
  });
});

describe("fenced-settle passes", () => {
  it("a paused bot whose settle matches no row", () => {
    const history = pausedHolder().does(1, "complete", "empty", { job: 5, attempt: 1 });
    expect(verdictOf(fencedSettle, history.completed(2, 5, 2))).toBe("passed");
  });

  it("a settle that was in flight when the job was granted again: it may have come first", () => {
    const history = new HistoryBuilder().begin().granted(1, 5, 1);
    history.invoke(1, "fail", { job: 5, attempt: 1 }).granted(2, 5, 2);
    history.answer(1, "fail", "ok", { job: 5, attempt: 1 });
    expect(verdictOf(fencedSettle, history)).toBe("passed");
  });

  it("a settle that is tried again after its outcome was unknown", () => {
    const history = pausedHolder().does(2, "complete", "unknown", { job: 5, attempt: 2 });
    expect(verdictOf(fencedSettle, history.completed(2, 5, 2))).toBe("passed");
  });
});

describe("fenced-settle is not judged", () => {
  it("where no job had a former holder", () => {
    const history = new HistoryBuilder().begin().granted(1, 5).completed(1, 5);
    expect(verdictOf(fencedSettle, history)).toBe("not-judged");
  });

  it("against a bot that may have been granted the job by a claim of unknown outcome", () => {
    const history = new HistoryBuilder().begin().does(1, "claim", "unknown").completed(1, 5);
    expect(verdictOf(fencedSettle, history)).toBe("not-judged");
  });
});
