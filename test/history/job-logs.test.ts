import { describe, expect, it } from "vitest";
import { grantedAttempt, JobLogs } from "../../src/history/job-logs.ts";
import { Operations } from "../../src/history/operations.ts";
import { HistoryBuilder } from "../histories/builder.ts";

/** Per job: the events of its log, as `op type`. */
function logsOf({ events }: HistoryBuilder): Record<number, string[]> {
  const window = { events, from: 0, to: events.length };
  const logs = new JobLogs(window, new Operations(window));
  const all = Array.from({ length: logs.length }, (_, log) => {
    const entries = Array.from({ length: logs.to(log) - logs.from(log) }, (_entry, at) =>
      logs.event(logs.from(log) + at),
    );
    return [logs.job(log), entries.map((i) => `${events.op(i)} ${events.type(i)}`)] as const;
  });
  return Object.fromEntries(all);
}

describe("job logs", () => {
  it("hold grants where they were answered and requests where they were made", () => {
    const history = new HistoryBuilder().enqueue(5).invoke(1, "claim").granted(2, 4);
    history.answer(1, "claim", "ok", { job: 3 }).does(1, "start", "ok", { job: 3 });
    history.invoke(2, "complete", { job: 4 }).does(1, "fail", "failed", { job: 3 }).rescued(3);
    history.answer(2, "complete", "unknown", { job: 4 }).does(2, "resume", "ok", { job: 4 });
    expect(logsOf(history)).toEqual({
      3: ["claim ok", "start invoke", "fail invoke", "rescue invoke"],
      4: ["claim ok", "complete invoke", "resume ok"],
    });
  });

  it("hold every job of a batch, each with its attempt", () => {
    const history = new HistoryBuilder();
    const more = [{ job: 8, attempt: 2 }, { job: 9 }];
    history.does(1, "claim", "ok", { job: 7, attempt: 5, detail: { more } });
    expect(Object.keys(logsOf(history))).toEqual(["7", "8", "9"]);
    const window = { events: history.events, from: 0, to: 2 };
    expect([7, 8, 9].map((job) => grantedAttempt(window, 1, job))).toEqual([5, 2, -1]);
  });

  it("hold the enqueue of a job that was enqueued before, and no other", () => {
    const history = new HistoryBuilder().enqueue(3).enqueue(2, 4).granted(1, 2).enqueue(3, 2);
    expect(logsOf(history)).toEqual({
      2: ["claim ok", "enqueue ok"],
      3: ["enqueue ok"],
      4: ["enqueue ok"],
    });
  });

  it("take ids of any size", () => {
    const history = new HistoryBuilder()
      .granted(1, 2 ** 52)
      .completed(1, 2 ** 52)
      .granted(1, 0);
    expect(logsOf(history)).toEqual({
      [2 ** 52]: ["claim ok", "complete invoke"],
      0: ["claim ok"],
    });
  });
});
