import { describe, expect, it } from "vitest";
import { fencedSettle } from "../../src/checks/fenced-settle.ts";
import { noOverlap } from "../../src/checks/no-overlap.ts";
import { singleGrant } from "../../src/checks/single-grant.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";
import { casesOf, judged, verdictOf } from "./judged.ts";

/** Claims are good for 100 ms, and bot 1 claims job 5 from t = 1 to 2 ms: its lease ends from 101 to 102 ms. */
function leased(): HistoryBuilder {
  return new HistoryBuilder({ leases: { leaseMs: 100 } }).begin().granted(1, 5, 1);
}

describe("a job that is granted again, and its lease", () => {
  it("is violated while the lease certainly holds", () => {
    const history = leased().at(99).granted(2, 5, 2);
    expect(casesOf(singleGrant, history)[0]).toMatchObject({ job: 5, bots: [1, 2] });
  });

  it.each([
    ["after it has run out", leased().at(150).granted(2, 5, 2)],
    ["as soon as it may have", leased().at(100).granted(2, 5, 2)],
    ["after a rescue", leased().rescued(5).granted(2, 5, 2)],
    [
      "after a rescue that says which attempt it took",
      leased().rescuedClaims({ job: 5, attempt: 1, bot: 1 }).granted(2, 5, 2),
    ],
    ["after a rescue of which nobody knows what it took", nameless(leased()).granted(2, 5, 2)],
  ])("is legal %s", (_when, history) => {
    expect(verdictOf(singleGrant, history)).toBe("passed");
  });

  it("is violated by the same attempt, however long the lease has run out", () => {
    expect(casesOf(singleGrant, leased().at(500).granted(2, 5, 1))).toHaveLength(1);
  });

  it("is violated after a rescue that took another claim", () => {
    const history = leased().rescuedClaims({ job: 5, attempt: 7 }).granted(2, 5, 2);
    expect(casesOf(singleGrant, history)).toHaveLength(1);
  });

  it("is violated when a heartbeat had made the lease longer", () => {
    const history = leased().at(90).heartbeat(1, 5, 1).at(150).granted(2, 5, 2);
    expect(casesOf(singleGrant, history)).toHaveLength(1);
    const refused = leased().at(90).heartbeat(1, 5, 1, "empty").at(150).granted(2, 5, 2);
    expect(verdictOf(singleGrant, refused)).toBe("passed");
  });

  it("cannot be told for certain where the bot had to ask what it holds", () => {
    const history = new HistoryBuilder({ leases: { leaseMs: 100 } }).begin();
    history.does(1, "claim", "unknown").at(60).does(1, "resume", "ok", { job: 5, attempt: 1 });
    expect(verdictOf(singleGrant, history.at(110).granted(2, 5, 2))).toBe("passed");
  });

  it("is judged by the rows' own times where there is a witness", () => {
    const history = (): HistoryBuilder => leased().at(500).granted(2, 5, 2);
    const at = (ms: number): WitnessBuilder =>
      new WitnessBuilder("decoding", 300).enqueued(5).granted(1, 5, 1.5).granted(2, 5, ms);
    expect(judged(singleGrant, history(), at(500.5).round()).verdict).toBe("passed");
    expect(casesOf(singleGrant, history(), at(290).round())[0]?.summary).toContain(
      "while bot 1 (attempt 1, t=1.500 ms) held it, as the database recorded it",
    );
    const beaten = new WitnessBuilder("decoding", 300).enqueued(5).granted(1, 5, 1.5);
    const taken = beaten.renewed(5, 250).granted(2, 5, 500.5).round();
    expect(casesOf(singleGrant, history(), taken)).toHaveLength(1);
  });
});

describe("a job that failed and must wait", () => {
  const retried = (): HistoryBuilder => leased().failed(1, 5, { status: "pending", retryInMs: 50 });

  it("may be granted again when the wait is over, and not before", () => {
    expect(verdictOf(singleGrant, retried().at(60).granted(2, 5, 2))).toBe("passed");
    expect(casesOf(singleGrant, retried().at(40).granted(2, 5, 2))[0]?.summary).toBe(
      "job 5 was granted to bot 2 (attempt 2, t=41.000 ms) before its retry was due: " +
        "bot 1 failed it (t=3.000 ms), and it was to wait until t=53.000 ms at least",
    );
  });

  it("may not be granted to a bot that had asked before, and could not have been granted it before", () => {
    const asked = (): HistoryBuilder => leased().invoke(2, "claim");
    const answered = (history: HistoryBuilder): HistoryBuilder =>
      history
        .failed(1, 5, { status: "pending", retryInMs: 50 })
        .answer(2, "claim", "ok", { job: 5 });
    expect(casesOf(singleGrant, answered(asked()))[0]?.summary).toContain(
      "before its retry was due",
    );
    expect(verdictOf(singleGrant, answered(asked().at(150)))).toBe("passed");
    expect(verdictOf(singleGrant, answered(asked().rescued(5)))).toBe("passed");
  });

  it("waits as long as the round says, whatever its answer says", () => {
    const retry = { baseMs: 40, capMs: 60, jitter: 0.5 };
    const history = (): HistoryBuilder =>
      new HistoryBuilder({ leases: { retry } }).begin().granted(1, 5, 1).released(1, 5, 1);
    expect(casesOf(singleGrant, history().at(10).granted(2, 5, 2))).toHaveLength(1);
    expect(verdictOf(singleGrant, history().at(22).granted(2, 5, 2))).toBe("passed");
    const third = new HistoryBuilder({ leases: { retry } }).begin().granted(1, 5, 3);
    third.released(1, 5, 3).at(20).granted(2, 5, 4);
    expect(casesOf(singleGrant, third)).toHaveLength(1);
  });

  it("waits for nothing but its redrive when it is dead", () => {
    const retry = { baseMs: 1000, capMs: 1000, jitter: 0 };
    const history = new HistoryBuilder({ leases: { retry } }).begin().granted(1, 5, 1);
    history.failed(1, 5, { status: "dead", attempt: 1 }).granted(2, 5, 2).redriven(5);
    expect(judged(singleGrant, history)).toMatchObject({ verdict: "passed" });
  });

  it("waits by its row, too, where nobody was answered", () => {
    const history = leased().does(1, "fail", "unknown", { job: 5, attempt: 1 });
    history.at(20).granted(2, 5, 2);
    const released = new WitnessBuilder("decoding", 100).enqueued(5).granted(1, 5, 1.5);
    const early = released.released(1, 5, 3.5, { dueMs: 30 }).granted(2, 5, 20.5);
    expect(casesOf(singleGrant, history, early.round())[0]?.summary).toContain(
      "before it was due (t=30.000 ms), as the database recorded it",
    );
  });
});

describe("two bots at work on one job, and the lease of the first", () => {
  const job = { job: 5 };
  const bothAtWork = (history: HistoryBuilder): HistoryBuilder =>
    history.granted(2, 5, 2).does(2, "start", "ok", { ...job, attempt: 2 });
  const atWork = (): HistoryBuilder => leased().does(1, "start", "ok", { ...job, attempt: 1 });

  it("is violated while it holds, rescue or not", () => {
    expect(casesOf(noOverlap, bothAtWork(atWork().at(50)))).toHaveLength(1);
    expect(casesOf(noOverlap, bothAtWork(atWork().at(50).rescued(5)))).toHaveLength(1);
    const beating = atWork().at(90).heartbeat(1, 5, 1).at(150).rescued(5);
    expect(casesOf(noOverlap, bothAtWork(beating))).toHaveLength(1);
  });

  it("is a cost after it has run out", () => {
    const history = bothAtWork(atWork().at(150).rescued(5)).completed(2, 5, 2);
    expect(judged(noOverlap, history.does(1, "complete", "empty", job))).toMatchObject({
      verdict: "passed",
      note: "1 overlap after a lease ran out: the cost of at least once",
    });
  });

  it("does not take a heartbeat for the end of the work", () => {
    const history = atWork().at(80).heartbeat(1, 5, 1).at(90);
    expect(casesOf(noOverlap, bothAtWork(history))).toHaveLength(1);
  });

  it("is violated by a start that is accepted from a bot that has lost the job", () => {
    const history = leased().at(150).rescued(5);
    bothAtWork(history).does(1, "start", "ok", { ...job, attempt: 1 });
    expect(casesOf(noOverlap, history)).toHaveLength(1);
  });
});

describe("a heartbeat", () => {
  it("is wrong where it is accepted from a bot whose job another has", () => {
    const history = leased().at(150).granted(2, 5, 2).heartbeat(1, 5, 1);
    expect(casesOf(fencedSettle, history)[0]?.summary).toContain(
      "job 5: a heartbeat (t=152.000 ms) was accepted from bot 1, though it was granted to bot 2",
    );
  });

  it("is wrong where it is accepted after the claim was settled or rescued", () => {
    const rescued = leased().rescuedClaims({ job: 5, attempt: 1 }).heartbeat(1, 5, 1);
    expect(casesOf(fencedSettle, rescued)).toHaveLength(1);
    const settled = leased().released(1, 5, 1).heartbeat(1, 5, 1);
    expect(casesOf(fencedSettle, settled)).toHaveLength(1);
  });

  it("ends nothing, and is right from the holder, or where it is refused", () => {
    const history = leased().heartbeat(1, 5, 1).completed(1, 5, 1);
    expect(judged(fencedSettle, history).verdict).toBe("not-judged");
    const refused = leased().at(150).granted(2, 5, 2).heartbeat(1, 5, 1, "empty");
    expect(verdictOf(fencedSettle, refused.heartbeat(2, 5, 2).completed(2, 5, 2))).toBe("passed");
  });
});

/** A rescue whose answer was lost: nobody knows what it took. */
function nameless(history: HistoryBuilder): HistoryBuilder {
  history.events.push({ t: history.nowMs * 1e6, op: "rescue", type: "invoke" });
  return history;
}
