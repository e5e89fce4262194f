import { describe, expect, it } from "vitest";
import { rescuedInTime } from "../../src/checks/rescued-in-time.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, judged } from "./judged.ts";

/** A round whose claims are good for two seconds; what runs out has two more. */
function leased(): HistoryBuilder {
  const round = { round: 0, strategy: "tested", role: "subject", constraints: true } as const;
  return new HistoryBuilder().note("round", { event: "begin", ...round, leaseMs: 2000 });
}

/** The drain ends then. */
function endingAt(history: HistoryBuilder, ms: number): HistoryBuilder {
  return history.phase("drain", "begin").at(ms).phase("drain", "end");
}

describe("rescued-in-time", () => {
  it("is violated by a job that nobody takes back from a bot that is gone", () => {
    const [found] = casesOf(rescuedInTime, endingAt(leased().at(10).granted(1, 5, 1), 5000));
    expect(found).toMatchObject({ job: 5, bots: [1] });
    expect(found?.summary).toBe(
      "job 5, granted to bot 1 (t=11.000 ms), whose lease ran out by t=2011.000 ms, was never rescued",
    );
  });

  it("is violated by a rescue that comes too late", () => {
    const history = leased().at(10).granted(1, 5, 1).at(4500).rescued(5);
    const [found] = casesOf(rescuedInTime, endingAt(history, 5000));
    expect(found?.summary).toContain("was rescued only at t=4500.000 ms");
  });

  it.each([
    ["rescued", (history: HistoryBuilder) => history.at(3900).rescued(5)],
    [
      "granted again",
      (history: HistoryBuilder) => history.at(3900).granted(2, 5, 2).completed(2, 5, 2),
    ],
    [
      "perhaps settled",
      (history: HistoryBuilder) => history.at(3900).does(1, "complete", "unknown", { job: 5 }),
    ],
  ])("passes where the job is %s in time", (_how, end) => {
    const history = endingAt(end(leased().at(10).granted(1, 5, 1)), 9000);
    expect(judged(rescuedInTime, history)).toMatchObject({
      verdict: "passed",
      note: "1 lease ran out while the job was held",
    });
  });

  it("passes over leases that heartbeats made longer", () => {
    const history = leased().at(10).granted(1, 5, 1);
    for (const ms of [1500, 3000, 4500]) history.at(ms).does(1, "heartbeat", "ok", { job: 5 });
    expect(judged(rescuedInTime, endingAt(history.completed(1, 5, 1), 9000))).toMatchObject({
      reason: "no lease ran out",
    });
  });

  it("is inconclusive where the round ends before the rescue was due", () => {
    const history = endingAt(leased().at(10).granted(1, 5, 1), 3000);
    expect(judged(rescuedInTime, history)).toMatchObject({ verdict: "inconclusive" });
  });

  it("is not judged where claims have no lease", () => {
    const history = new HistoryBuilder().begin().granted(1, 5, 1).rescued(5);
    expect(judged(rescuedInTime, history)).toMatchObject({
      reason: "claims have no lease that could run out",
    });
  });
});
