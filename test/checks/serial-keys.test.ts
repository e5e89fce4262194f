import { describe, expect, it } from "vitest";
import { serialKeys } from "../../src/checks/serial-keys.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";
import { casesOf, judged } from "./judged.ts";

/** Jobs 1, 3 and 5 have key k1; 2, 4 and 6 have k2. */
function keyed(leaseMs?: number): HistoryBuilder {
  const leases = leaseMs === undefined ? {} : { leases: { leaseMs } };
  return new HistoryBuilder(leases).begin().enqueueKeyed(6, 2);
}

function summaries(history: HistoryBuilder, witness?: WitnessBuilder): readonly string[] {
  return casesOf(serialKeys, history, witness?.round()).map(({ summary }) => summary);
}

describe("serial-keys", () => {
  it("is violated by two jobs of one key that are held at once", () => {
    expect(summaries(keyed().granted(1, 1).granted(2, 3))).toEqual([
      "job 3 of key k1 was granted to bot 2 (t=6.000 ms) while bot 1 held job 1 of that key (granted at t=4.000 ms)",
    ]);
  });

  it("is violated by two of them in one claim", () => {
    const history = keyed().invoke(1, "claim", { detail: { limit: 2 } });
    history.answer(1, "claim", "ok", { job: 1, detail: { more: [{ job: 3 }] } });
    expect(casesOf(serialKeys, history)[0]).toMatchObject({ job: 3, bots: [1] });
  });

  it("is violated by a job that overtakes another of its key", () => {
    expect(summaries(keyed().granted(1, 3).completed(1, 3).granted(2, 1))).toEqual([
      "job 3 of key k1 was granted to bot 1 (t=4.000 ms) though job 1 of that key, enqueued before it, was not done",
    ]);
  });

  it("is violated by one that overtakes a job which waits for its retry", () => {
    const history = keyed().granted(1, 1).failed(1, 1, { status: "pending", retryInMs: 50 });
    expect(casesOf(serialKeys, history.granted(2, 3))).toHaveLength(1);
  });

  it("is violated by what was enqueued later and is done before", () => {
    const both = new HistoryBuilder().begin();
    for (const job of [9, 4]) {
      const keys = [{ key: "a", jobs: [[job, job]] }] as const;
      const detail = { jobs: [[job, job]], keys } as const;
      both.invoke(7, "enqueue").answer(7, "enqueue", "ok", { detail });
    }
    expect(summaries(both.granted(1, 4))).toEqual([
      expect.stringContaining("though job 9 of that key, enqueued before it, was not done"),
    ]);
  });

  it("is violated by the witness where a bot was never told", () => {
    const history = keyed().does(1, "claim", "unknown").granted(2, 3).completed(2, 3);
    const witness = new WitnessBuilder().enqueued(6, 1.5).granted(1, 1, 3.5).granted(2, 3, 5.5);
    expect(summaries(history, witness)).toEqual([
      "job 3 of key k1 was granted to bot 2 (t=6.000 ms) though job 1 of that key, enqueued before it, was not done",
    ]);
    const late = keyed().does(1, "claim", "unknown").granted(2, 1).completed(2, 1);
    const told = new WitnessBuilder().enqueued(6, 1.5).granted(1, 3, 3.5).granted(2, 1, 5.5);
    expect(summaries(late, told)).toEqual([
      "job 3 of key k1 was granted to bot 1 (t=3.500 ms) though job 1 of that key, enqueued before it, was not done, as the database recorded it",
      "job 1 of key k1 was granted to bot 2 (t=5.500 ms) while bot 1 held job 3 of that key, as the database recorded it",
    ]);
  });

  it("passes where each waits for the one before it, and keys do not wait for each other", () => {
    const history = keyed().granted(1, 1).granted(2, 2).completed(1, 1).granted(1, 3);
    history.failed(1, 3, { status: "dead" }).granted(1, 5);
    const verdict = judged(serialKeys, history.completed(2, 2).granted(2, 4));
    expect(verdict).toMatchObject({ verdict: "passed", note: "5 grants of 2 keys" });
  });

  it.each([
    ["a settle is on its way", keyed().granted(1, 1).invoke(1, "complete", { job: 1 })],
    ["a settle was not answered", keyed().granted(1, 1).does(1, "fail", "unknown", { job: 1 })],
    [
      "a rescue may have made it dead",
      keyed().granted(1, 1).rescuedClaims({ job: 1, isDead: true }),
    ],
  ])("passes where the job before it may be done: %s", (_why, history) => {
    expect(judged(serialKeys, history.granted(2, 3))).toMatchObject({ verdict: "passed" });
  });

  it("passes where the order of two enqueues is not certain", () => {
    const history = new HistoryBuilder().begin();
    for (const job of [4, 9]) history.invoke(job, "enqueue");
    for (const job of [4, 9]) {
      const keys = [{ key: "a", jobs: [[job, job]] }] as const;
      history.answer(job, "enqueue", "ok", { detail: { jobs: [[job, job]], keys } });
    }
    expect(judged(serialKeys, history.granted(1, 9))).toMatchObject({ verdict: "passed" });
  });

  it("does not hold a job to be held when its lease may have run out", () => {
    const redriven = (atMs: number): HistoryBuilder =>
      keyed(50)
        .granted(1, 1)
        .failed(1, 1, { status: "dead" })
        .granted(2, 3)
        .redriven(1)
        .at(atMs)
        .granted(3, 1);
    expect(judged(serialKeys, redriven(30))).toMatchObject({ verdict: "violated", count: 1 });
    expect(judged(serialKeys, redriven(90))).toMatchObject({ verdict: "passed" });
  });

  it("is inconclusive where nothing with a key was granted", () => {
    expect(judged(serialKeys, keyed())).toMatchObject({ verdict: "inconclusive" });
  });

  it("is not judged where jobs have no keys", () => {
    const history = new HistoryBuilder().begin().enqueue(3).granted(1, 1);
    expect(judged(serialKeys, history)).toMatchObject({ reason: "jobs have no keys" });
  });
});
