import { describe, expect, it } from "vitest";
import { drained } from "../../src/checks/drained.ts";
import type { FailDetail } from "../../src/history/event.ts";
import type { Wake } from "../../src/scenario/wake.ts";
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

  describe("of a job that failed and waits", () => {
    const retry = { baseMs: 1000, capMs: 2000, jitter: 0.5 };
    const failed = (detail: FailDetail, keys = 0): HistoryBuilder => {
      const history = new HistoryBuilder({ leases: { retry } }).begin();
      if (keys === 0) history.enqueue(6);
      else history.enqueueKeyed(6, keys);
      return history
        .granted(1, 5, 1)
        .phase("drain", "begin")
        .failed(1, 5, { ...detail, attempt: 1 });
    };
    const left = (history: HistoryBuilder, endMs: number, note?: "deadline"): HistoryBuilder =>
      history
        .at(endMs)
        .phase("drain", "end", note)
        .final({
          succeeded: [[1, 4]],
          pending: [[5, 5]],
          dead: [[6, 6]],
        });

    it("is inconclusive where the time was over before the wait can have been", () => {
      const history = left(failed({ status: "pending", retryInMs: 900 }), 1500, "deadline");
      expect(judged(drained, history)).toMatchObject({
        verdict: "inconclusive",
        note: "1 job may still have been waiting for a retry when the drain ended: give it more time",
      });
    });

    it.each([
      ["long after the wait was over", failed({ status: "pending", retryInMs: 900 }), 3000],
      [
        "long after the rule's wait, whatever it was told",
        failed({ status: "pending", retryInMs: 1e9 }),
        4000,
      ],
      ["though it need not have waited", failed({ status: "dead" }), 1500],
    ])("is violated %s", (_when, history, endMs) => {
      expect(judged(drained, left(history, endMs, "deadline"))).toMatchObject({
        verdict: "violated",
      });
    });

    it("is violated where the drain ended by itself, with nothing left to wait for", () => {
      const history = left(failed({ status: "pending", retryInMs: 900 }), 1500);
      expect(judged(drained, history)).toMatchObject({ verdict: "violated", count: 1 });
    });

    it("holds nothing against the others of its key, which wait with it", () => {
      const of = (keys: number) => {
        const history = failed({ status: "pending", retryInMs: 900 }, keys).at(1500);
        history.phase("drain", "end", "deadline");
        return judged(drained, history.final({ succeeded: [[1, 4]], pending: [[5, 6]] }));
      };
      expect([of(1).verdict, of(2).verdict]).toEqual(["inconclusive", "violated"]);
    });
  });

  describe("tells of bots that wait to be told", () => {
    const wake = { kind: "notify", reconnect: true, catchUp: true } as const;
    const left = (history: HistoryBuilder): HistoryBuilder =>
      history
        .phase("drain", "begin")
        .phase("drain", "end", "deadline")
        .final({ succeeded: [[1, 4]], pending: [[5, 6]] });
    const reasonOf = (history: HistoryBuilder): string | undefined =>
      casesOf(drained, left(history))[0]?.summary.split("job 5 was never granted; ")[1];
    const told = (own: Wake = wake): HistoryBuilder =>
      new HistoryBuilder({ wake: own }).begin().listener("opened").enqueue(6);

    it("when their listener was lost, where it did not come back", () => {
      const history = told().listener("notified").listener("lost").listener("refused");
      expect(reasonOf(history)).toBe(
        "the bots wait until they are told of jobs, and their listener was lost (t=5.000 ms) and did not come back",
      );
      const [first] = casesOf(drained, history);
      expect(first?.events.map(({ detail }) => detail)).toEqual([{ event: "lost", listener: 1 }]);
    });

    it("when they were told last, where it is there", () => {
      const back = told().listener("lost").listener("opened").listener("notified");
      expect(reasonOf(back)).toMatch(
        /and the last notification reached their listener at t=6.000 ms$/,
      );
      expect(reasonOf(told())).toMatch(/and not one notification has reached their listener$/);
    });

    it("how long it was away, where they were not told of anything after that", () => {
      const history = told().listener("notified").listener("lost").listener("opened");
      expect(reasonOf(history)).toMatch(
        /their listener was away from t=5.000 ms to t=6.000 ms, and what was sent meanwhile is lost$/,
      );
    });

    it("that one process of several lost its own", () => {
      const history = told().listener("opened", 2).listener("lost", 2).listener("notified");
      expect(reasonOf(history)).toMatch(/their listener was lost \(t=5.000 ms\)/);
    });

    it("without saying that they wait where they also ask by themselves", () => {
      const asking = told({ ...wake, pollMs: 500 }).listener("lost");
      expect(reasonOf(asking)).toMatch(/^their listener was lost/);
      expect(reasonOf(round())).toBeUndefined();
    });
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
