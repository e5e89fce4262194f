import { describe, expect, it } from "vitest";
import { noFalseEmpty } from "../../src/checks/no-false-empty.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";
import { casesOf, evidenceOf, judged } from "./judged.ts";

/** Three jobs, acknowledged at 2 ms; bot 1 takes the first, and bot 2 asks from 20 to 21 ms and gets nothing. */
function emptyAnswer(): HistoryBuilder {
  const history = new HistoryBuilder().begin().enqueue(3).at(10).granted(1, 1, 1);
  return history.at(20).does(2, "claim", "empty");
}

const threeJobs = (): WitnessBuilder => new WitnessBuilder().enqueued(3, 1.5).granted(1, 1, 10.5);

describe("no-false-empty", () => {
  it("is violated by an empty answer while jobs had been waiting all along", () => {
    const [found] = casesOf(noFalseEmpty, emptyAnswer(), threeJobs().granted(1, 2, 30).round());
    expect(found).toMatchObject({ bots: [2] });
    expect(found?.summary).toBe(
      "the claim of bot 2 came back empty (t=21.000 ms) while 2 jobs had been waiting untouched all along, " +
        "at least 2 of which nobody can have had locked",
    );
    expect(found?.events).toHaveLength(2);
  });

  it("is not judged where a bot may not take every job that waits", () => {
    const evidence = evidenceOf(emptyAnswer(), threeJobs().granted(1, 2, 30).round());
    const { scenario } = evidence.plan;
    const bots = { ...scenario.bots, types: [["email"], null] };
    const choosy = { ...evidence, plan: { ...evidence.plan, scenario: { ...scenario, bots } } };
    expect(noFalseEmpty.judge(evidence)).toMatchObject({ verdict: "violated" });
    expect(noFalseEmpty.judge(choosy)).toMatchObject({ verdict: "not-judged" });
  });

  describe("where jobs share keys", () => {
    const keyed = (keys: number): HistoryBuilder => {
      const history = new HistoryBuilder().begin().enqueueKeyed(3, keys).at(10).granted(1, 1, 1);
      return history.at(20).does(2, "claim", "empty");
    };

    it("is violated while a key is free of which nobody has touched a job", () => {
      expect(casesOf(noFalseEmpty, keyed(2), threeJobs().round())).toHaveLength(1);
    });

    it("passes where all that waits is of keys that are held", () => {
      expect(judged(noFalseEmpty, keyed(1), threeJobs().round())).toMatchObject({
        verdict: "passed",
      });
    });

    it("takes all jobs of a key for one that somebody may have locked", () => {
      const history = new HistoryBuilder().begin().enqueueKeyed(3, 1).at(10).invoke(1, "claim");
      const witness = new WitnessBuilder().enqueued(3, 1.5).round();
      const asked = history.at(20).does(2, "claim", "empty");
      expect(judged(noFalseEmpty, asked, witness)).toMatchObject({ verdict: "passed" });
    });
  });

  it("does not count jobs that were put there for later", () => {
    const witness = new WitnessBuilder().enqueued(3, 1.5, 500).granted(1, 1, 10.5).round();
    expect(judged(noFalseEmpty, emptyAnswer(), witness)).toMatchObject({ verdict: "passed" });
  });

  it("passes where the last job was taken before the answer", () => {
    const witness = threeJobs().granted(3, [2, 3], 20.5).round();
    expect(judged(noFalseEmpty, emptyAnswer(), witness)).toMatchObject({
      verdict: "passed",
      note: "1 empty answer held against the witness",
    });
  });

  it("passes where it was taken at a time that the clocks cannot tell from the answer's", () => {
    const witness = threeJobs().granted(3, [2, 3], 24);
    const of = (uncertaintyNs: number) =>
      judged(noFalseEmpty, emptyAnswer(), witness.round({ uncertaintyNs })).verdict;
    expect([of(1_000_000), of(5_000_000)]).toEqual(["violated", "passed"]);
  });

  it("passes where others that were in flight may have had the jobs locked", () => {
    const history = new HistoryBuilder().begin().enqueue(2).at(10).invoke(1, "claim");
    history.at(20).invoke(2, "claim").invoke(3, "claim").at(25).answer(2, "claim", "empty");
    history.at(30).answer(1, "claim", "ok", { job: 1 }).answer(3, "claim", "ok", { job: 2 });
    const witness = new WitnessBuilder().enqueued(2, 1.5).granted(1, 1, 29).granted(3, 2, 29);
    expect(judged(noFalseEmpty, history, witness.round())).toMatchObject({ verdict: "passed" });
  });

  it("passes where a claim whose connection was lost may still have the job locked", () => {
    const history = new HistoryBuilder().begin().enqueue(1).at(10);
    history.does(1, "claim", "unknown", { code: "ECONNRESET" }).at(20).does(2, "claim", "empty");
    const witness = new WitnessBuilder().enqueued(1, 1.5).round();
    expect(judged(noFalseEmpty, history, witness)).toMatchObject({ verdict: "passed" });
  });

  it("passes where the jobs were not yet acknowledged when the claim was asked for", () => {
    const history = new HistoryBuilder().begin().invoke(2, "claim").enqueue(3);
    history.at(20).answer(2, "claim", "empty");
    const witness = new WitnessBuilder().enqueued(3, 1.5).round();
    expect(judged(noFalseEmpty, history, witness)).toMatchObject({ verdict: "passed" });
  });

  it("passes where a bot that may hold a job is refused another", () => {
    const history = new HistoryBuilder().begin().enqueue(3).at(10).granted(2, 1, 1);
    history.does(2, "complete", "unknown", { job: 1 }).at(20).does(2, "claim", "empty");
    const witness = new WitnessBuilder().enqueued(3, 1.5).granted(2, 1, 10.5).round();
    expect(judged(noFalseEmpty, history, witness)).toMatchObject({ verdict: "passed" });
  });

  it("is inconclusive where no claim was answered", () => {
    const history = new HistoryBuilder().begin().enqueue(1);
    expect(judged(noFalseEmpty, history)).toMatchObject({ verdict: "inconclusive" });
  });

  it.each([
    ["there is no witness in 1 of 1 rounds", undefined],
    ["the witness is not whole", { isWhole: false }],
    ["its clock could not be compared", { uncertaintyNs: null }],
  ])("is not judged where %s", (reason, known) => {
    const witness = known === undefined ? undefined : threeJobs().round(known);
    const judgement = judged(noFalseEmpty, emptyAnswer(), witness);
    expect(judgement).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it("is not judged where no claim came back empty", () => {
    const history = new HistoryBuilder().begin().enqueue(3).at(10).granted(1, 1, 1);
    const judgement = judged(noFalseEmpty, history, threeJobs().round());
    expect(judgement).toMatchObject({ reason: "no claim came back empty" });
  });
});
