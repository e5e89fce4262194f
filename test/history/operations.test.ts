import { describe, expect, it } from "vitest";
import { Operations } from "../../src/history/operations.ts";
import { HistoryBuilder } from "../histories/builder.ts";

function operationsOf({ events }: HistoryBuilder): Operations {
  return new Operations({ events, from: 0, to: events.length });
}

describe("operations", () => {
  it("joins each invoke with the completion of the same bot", () => {
    const history = new HistoryBuilder()
      .invoke(1, "claim")
      .invoke(2, "claim")
      .answer(2, "claim", "ok", { job: 8, attempt: 1 })
      .answer(1, "claim", "ok", { job: 7 })
      .does(2, "complete", "ok", { job: 8, attempt: 1 });
    const operations = operationsOf(history);
    expect(operations.length).toBe(3);
    expect([operations.invoke(0), operations.complete(0)]).toEqual([0, 3]);
    expect([operations.invoke(1), operations.complete(1)]).toEqual([1, 2]);
    expect([operations.job(0), operations.attempt(0)]).toEqual([7, -1]);
    expect([operations.job(1), operations.attempt(1)]).toEqual([8, 1]);
    expect([operations.next(0), operations.next(1)]).toEqual([-1, 2]);
    expect(operations.durationNs(0)).toBe(3_000_000);
    expect([0, 1, 2, 3].map((event) => operations.at(event))).toEqual([0, 1, 1, 0]);
  });

  it("leaves an operation open that never completes: unknown", () => {
    const history = new HistoryBuilder().invoke(1, "complete", { job: 3 }).invoke(1, "claim");
    const operations = operationsOf(history);
    expect(operations.length).toBe(2);
    expect(operations.complete(0)).toBe(-1);
    expect(operations.outcome(0)).toBe("unknown");
    expect(operations.job(0)).toBe(3);
    expect(operations.durationNs(1)).toBeNaN();
  });

  it("takes a completion that nothing opened as an operation without duration", () => {
    const history = new HistoryBuilder()
      .answer(1, "claim", "ok", { job: 3 })
      .invoke(1, "complete", { job: 3 })
      .answer(1, "claim", "ok", { job: 4 });
    const operations = operationsOf(history);
    expect(operations.length).toBe(3);
    expect([operations.invoke(0), operations.complete(0)]).toEqual([0, 0]);
    expect(operations.outcome(1)).toBe("unknown");
    expect(operations.job(2)).toBe(4);
  });

  it("pairs what the harness does without a bot by its kind, and passes notes over", () => {
    const history = new HistoryBuilder().begin().enqueue(4).phase("load", "begin").enqueue(2, 5);
    const operations = operationsOf(history);
    expect(operations.length).toBe(2);
    expect(operations.at(0)).toBe(-1);
    expect([operations.op(1), operations.bot(1), operations.outcome(1)]).toEqual([
      "enqueue",
      -1,
      "ok",
    ]);
  });
});
