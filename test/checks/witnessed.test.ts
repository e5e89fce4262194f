import { describe, expect, it } from "vitest";
import { effectOnce } from "../../src/checks/effect-once.ts";
import { fencedSettle } from "../../src/checks/fenced-settle.ts";
import { nothingLost } from "../../src/checks/nothing-lost.ts";
import { singleGrant } from "../../src/checks/single-grant.ts";
import { terminalStates } from "../../src/checks/terminal-states.ts";
import type { RoundWitness } from "../../src/history/witness.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";
import { casesOf, judged } from "./judged.ts";

/** Bot 1 is granted job 1; bot 2's claim is answered by nobody. */
function claimsOfTwo(): HistoryBuilder {
  const history = new HistoryBuilder().begin().at(10).granted(1, 1, 1);
  return history.at(20).does(2, "claim", "unknown", { code: "ECONNRESET" });
}

/** The database gave job 1 to bot 2 while bot 1 had it. */
function takenAway(): WitnessBuilder {
  return new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).granted(2, 1, 20.5);
}

const allDone = { succeeded: [[1, 1]] } as const;

describe("single-grant, with a witness", () => {
  it("is violated by a grant that nobody was told of", () => {
    const [found] = casesOf(singleGrant, claimsOfTwo(), takenAway().round());
    expect(found).toMatchObject({ job: 1, bots: [1, 2], attempts: [1, 2] });
    expect(found?.summary).toBe(
      "job 1 was granted to bot 2 (attempt 2, t=20.500 ms) while bot 1 (attempt 1, t=10.500 ms) held it, " +
        "as the database recorded it; bot 2 never heard of it",
    );
    expect(found?.changes).toMatchObject([{ bot: 1 }, { bot: 2 }]);
    expect(judged(singleGrant, claimsOfTwo())).toMatchObject({ verdict: "passed" });
  });

  it("counts a grant once that the answers show as well", () => {
    const history = new HistoryBuilder().begin().at(10).granted(1, 1, 1).at(20).granted(2, 1, 2);
    expect(judged(singleGrant, history, takenAway().round())).toMatchObject({ count: 1 });
  });

  it("is violated by a phantom: a grant that the database knows nothing of", () => {
    const [found] = casesOf(singleGrant, claimsOfTwo(), new WitnessBuilder().enqueued(1).round());
    expect(found?.summary).toContain("phantom: bot 1 was told that job 1 is its");
  });

  it("passes where the job was released in between, and says what the lost answers were", () => {
    const witness = new WitnessBuilder().enqueued(2).granted(1, 1, 10.5).granted(2, 2, 20.5);
    const history = claimsOfTwo().at(30).does(2, "claim", "unknown", { code: "ECONNRESET" });
    expect(judged(singleGrant, history, witness.round())).toMatchObject({
      verdict: "passed",
      note: "2 unknown claims: 1 happened, 1 did not; 1 grant nobody was told of",
    });
    const released = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).released(1, 1, 15);
    const again = judged(singleGrant, claimsOfTwo(), released.granted(2, 1, 20.5).round());
    expect(again).toMatchObject({ verdict: "passed" });
  });

  it("concludes nothing from a witness that is not whole", () => {
    const incomplete: RoundWitness[] = [takenAway(), new WitnessBuilder().enqueued(1)].map((each) =>
      each.round({ isWhole: false }),
    );
    for (const witness of incomplete) {
      expect(judged(singleGrant, claimsOfTwo(), witness)).toMatchObject({ verdict: "passed" });
    }
  });
});

describe("fenced-settle, with a witness", () => {
  it("is violated by a completion of a former holder, though nobody was told", () => {
    const history = claimsOfTwo().at(30).does(1, "complete", "unknown", { job: 1, attempt: 1 });
    const [found] = casesOf(fencedSettle, history, takenAway().completed(1, 1, 30.5).round());
    expect(found?.summary).toBe(
      "job 1: a complete of bot 1 was committed (t=30.500 ms), though it was granted to bot 2 (t=20.500 ms)",
    );
  });

  it("passes where the holder completes it", () => {
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).released(1, 1, 15);
    witness.granted(2, 1, 20.5).completed(2, 1, 30.5);
    const history = claimsOfTwo().at(30).does(2, "complete", "unknown", { job: 1, attempt: 2 });
    expect(judged(fencedSettle, history, witness.round())).toMatchObject({
      verdict: "passed",
      note: "1 job had a former holder; 1 unknown settle: 1 happened, 0 did not",
    });
  });
});

/** Bot 1 completes job 1 and is not told; then it does so once more, and is. */
function completedTwice(): { history: HistoryBuilder; witness: WitnessBuilder } {
  const history = new HistoryBuilder().begin().enqueue(1).at(10).granted(1, 1, 1);
  history.at(20).does(1, "complete", "unknown", { job: 1, attempt: 1 });
  history.at(30).completed(1, 1, 1);
  const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5);
  return { history, witness: witness.completed(1, 1, 20.5).completed(1, 1, 30.5) };
}

describe("nothing-lost, with a witness", () => {
  it("is violated by a completion that happened twice, of which the bot knows once", () => {
    const { history, witness } = completedTwice();
    const [found] = casesOf(nothingLost, history.final(allDone), witness.round());
    expect(found?.summary).toBe(
      "job 1 was completed twice (t=20.500 ms and t=30.500 ms), as the database recorded it",
    );
  });

  it("is violated by a settle that was acknowledged and is nowhere", () => {
    const history = new HistoryBuilder().begin().enqueue(1).at(10).granted(1, 1, 1);
    history.at(20).completed(1, 1, 1).final(allDone);
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).round();
    const [found] = casesOf(nothingLost, history, witness);
    expect(found?.summary).toContain("a complete of job 1 by bot 1 was acknowledged");
  });

  it("passes where it happened once", () => {
    const history = new HistoryBuilder().begin().enqueue(1).at(10).granted(1, 1, 1);
    history.at(20).completed(1, 1, 1).final(allDone);
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).completed(1, 1, 20.5);
    expect(judged(nothingLost, history, witness.round())).toMatchObject({ verdict: "passed" });
  });
});

describe("effect-once, with a witness", () => {
  it("is violated by an effect that was committed twice, though nobody looked into the table", () => {
    const { history, witness } = completedTwice();
    const [found] = casesOf(effectOnce, history, witness.round());
    expect(found?.summary).toBe(
      "the effect of job 1 happened 2 times: by bot 1 (t=20.500 ms), bot 1 (t=30.500 ms)",
    );
  });

  it("passes where each was committed once, and is inconclusive where the witness is not whole", () => {
    const history = new HistoryBuilder().begin().enqueue(1).at(10).granted(1, 1, 1);
    history.at(20).completed(1, 1, 1);
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).completed(1, 1, 20.5);
    expect(judged(effectOnce, history, witness.round())).toMatchObject({ verdict: "passed" });
    const broken = witness.round({ isWhole: false });
    expect(judged(effectOnce, history, broken)).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("terminal-states, with a witness", () => {
  it("is violated by a job that returns from success, though nobody was told", () => {
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).completed(1, 1, 20.5);
    const [found] = casesOf(terminalStates, claimsOfTwo(), witness.released(1, 1, 25).round());
    expect(found?.summary).toBe(
      "job 1 had succeeded (t=20.500 ms), and was pending again (t=25.000 ms), as the database recorded it",
    );
  });
});
