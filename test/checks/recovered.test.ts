import { describe, expect, it } from "vitest";
import { recovered } from "../../src/checks/recovered.ts";
import type { Load } from "../../src/scenario/load.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, judged } from "./judged.ts";

interface Course {
  /** Grants per second before the fault, which comes at 1 s, and after it. */
  readonly before: number;
  readonly after: number;
  readonly endMs: number;
  readonly jobs?: number;
  readonly hits?: boolean;
}

function addRound(history: HistoryBuilder, course: Course): HistoryBuilder {
  const { before, after, endMs, jobs = 10_000, hits = true } = course;
  history.begin().enqueue(jobs).phase("load", "begin");
  let job = 1;
  const claims = (fromMs: number, toMs: number, perSecond: number): void => {
    if (perSecond === 0) return;
    for (let ms = fromMs; ms < toMs; ms += 1000 / perSecond) history.at(ms).granted(1, job++);
  };
  claims(10, 1000, before);
  history
    .at(1000)
    .fault("disconnect-1", "injected")
    .fault("disconnect-1", hits ? "hit" : "missed");
  claims(1010, endMs, after);
  return history.at(endMs).phase("load", "end").end();
}

function rounds(...courses: readonly Course[]): HistoryBuilder {
  return under({ kind: "drain" }, courses);
}

function under(load: Load, courses: readonly Course[], atMs = 1000): HistoryBuilder {
  const history = new HistoryBuilder({ load, faults: [{ kind: "disconnect", atMs }] });
  for (const course of courses) addRound(history.at(0), course);
  return history;
}

const stalled: Course = { before: 200, after: 2, endMs: 8000 };
const slow: Course = { before: 200, after: 100, endMs: 8000 };
const fine: Course = { before: 200, after: 190, endMs: 8000 };

describe("recovered", () => {
  it("is violated by claims that stand still after the fault is over", () => {
    const [found] = casesOf(recovered, rounds(stalled, fine));
    expect(found?.round).toBe(0);
    expect(found?.summary).toMatch(
      /^after disconnect-1 \(t=1000 ms to t=1000 ms\) claims came back to no more than \d % of the rate before within 5 s$/,
    );
  });

  it("is violated by a rate that stays at the half after every disturbance", () => {
    expect(judged(recovered, rounds(slow, slow))).toMatchObject({ verdict: "violated", count: 2 });
  });

  it("passes where the rate comes back", () => {
    expect(judged(recovered, rounds(fine))).toMatchObject({
      verdict: "passed",
      note: "claims came back after 1 of 1 disturbance",
    });
  });

  it("passes where one of several is slow, as a machine may be, and says so", () => {
    expect(judged(recovered, rounds(slow, fine))).toMatchObject({
      verdict: "passed",
      note: "claims came back after 1 of 2 disturbances",
    });
  });

  it.each([0, 20])("is inconclusive where too little was claimed before: %i claims", (before) => {
    expect(judged(recovered, rounds({ before, after: 200, endMs: 8000 }))).toMatchObject({
      verdict: "inconclusive",
      note: expect.stringMatching(/^\d+ claims in all the time before the faults: too few/),
    });
  });

  describe("of a toxic that stands from 1 s to 2 s in a load of fixed duration", () => {
    const load = { kind: "duration", forMs: 10_000 } as const;
    const standing = (after: number, jobs = 10_000): HistoryBuilder => {
      const history = new HistoryBuilder({ load, faults: [{ kind: "toxic", atMs: 1000 }] });
      history.begin().enqueue(jobs).phase("load", "begin");
      let job = 1;
      const claims = (fromMs: number, toMs: number, perSecond: number): void => {
        for (let ms = fromMs; ms < toMs; ms += 1000 / perSecond) history.at(ms).granted(1, job++);
      };
      claims(10, 1000, 200);
      history.at(1000).fault("toxic-1", "injected").fault("toxic-1", "hit");
      claims(1010, 2000, 20);
      history.at(2000).fault("toxic-1", "healed");
      claims(2010, 10_000, after);
      return history.at(10_000).phase("load", "end").end();
    };

    it("is violated where the claims never come back", () => {
      const [found] = casesOf(recovered, standing(5));
      expect(found?.summary).toContain(
        "after toxic-1 (t=1000 ms to t=2000 ms) claims came back to",
      );
    });

    it("passes where they come back in time", () => {
      expect(judged(recovered, standing(190))).toMatchObject({ verdict: "passed" });
    });

    it("is not judged where the jobs ran out meanwhile", () => {
      expect(judged(recovered, standing(5, 215))).toMatchObject({ verdict: "not-judged" });
    });
  });

  it("is not judged where jobs come too slowly to keep the bots busy", () => {
    const history = under({ kind: "duration", forMs: 8000 }, [{ ...stalled, jobs: 2 }]);
    expect(judged(recovered, history)).toMatchObject({ verdict: "not-judged" });
  });

  it.each([
    ["one slow recovery may be the machine's; it takes several", rounds(slow)],
    ["the load, or its jobs, ended too soon after the faults", rounds({ ...stalled, endMs: 4000 })],
    ["the load, or its jobs, ended too soon after the faults", rounds({ ...slow, jobs: 300 })],
    [
      "the faults begin too soon to know a rate before them",
      under({ kind: "drain" }, [{ before: 20, after: 0, endMs: 8000 }], 0),
    ],
    [
      "bots are released in waves, so there is no rate to come back to",
      under({ kind: "rounds", waves: 3 }, [stalled]),
    ],
    [
      "claims come at times of their own, so there is no rate to come back to",
      under({ kind: "ramp", stages: [], arrivals: "constant", lateAfterMs: 1, skipAfterMs: 1 }, [
        stalled,
      ]),
    ],
    ["no fault hit", rounds({ ...stalled, hits: false })],
  ])("is not judged: %s", (reason, history) => {
    expect(judged(recovered, history)).toMatchObject({ verdict: "not-judged", reason });
  });
});
