import { describe, expect, it } from "vitest";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import type { HistoryHeader } from "../../src/history/header.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { WitnessBuilder } from "../histories/witness-builder.ts";
import { evidenceOf } from "./judged.ts";

/** Rounds A B B A of two strategies, of which the last was never begun. */
function interleaved(): { header: HistoryHeader; events: HistoryBuilder["events"] } {
  const history = new HistoryBuilder();
  const strategies = ["good", "bad", "bad", "good"];
  const rounds = strategies.map((strategy, round) => ({
    round,
    repeat: round >> 1,
    strategy,
    role: strategy === "good" ? ("subject" as const) : ("control" as const),
    constraints: strategy === "good",
    seed: 1,
    faults: [],
  }));
  for (const { round, strategy, role, constraints } of rounds.slice(0, 3)) {
    history.note("round", { event: "begin", round, strategy, role, constraints });
    history.granted(1, round + 1);
    if (round < 2) history.note("round", { event: "end", round, strategy, role, constraints });
  }
  const header = history.header();
  return { header: { ...header, plan: { ...header.plan, rounds } }, events: history.events };
}

describe("evidence", () => {
  it("is the rounds of each strategy, in the order of the plan", () => {
    const { header, events } = interleaved();
    const evidence = collectEvidence(header, events);
    const rounds = evidence.map(({ strategy, role, rounds: all }) => [
      strategy,
      role,
      all.map(({ round, isWhole }) => [round, isWhole]),
    ]);
    expect(rounds).toEqual([
      ["good", "subject", [[0, true]]],
      [
        "bad",
        "control",
        [
          [1, true],
          [2, false],
        ],
      ],
    ]);
    expect(evidence[1]?.rounds[1]?.logs.job(0)).toBe(3);
  });

  it("knows a strategy of which nothing was recorded, and it cannot pass", () => {
    const { header } = interleaved();
    const evidence = collectEvidence(header, new HistoryBuilder().events);
    expect(evidence.map(({ strategy, rounds }) => [strategy, rounds.length])).toEqual([
      ["good", 0],
      ["bad", 0],
    ]);
    const verdicts = evidence.map((each) => judgeStrategy(each).verdict);
    expect(verdicts).toEqual(["inconclusive", "inconclusive"]);
  });

  it("takes a foreign history without rounds as one, and with rounds by their strategies", () => {
    const { header, events } = interleaved();
    const foreign = { ...header, foreign: true as const };
    const bare = new HistoryBuilder().granted(1, 1).events;
    expect(collectEvidence(foreign, bare)).toMatchObject([
      { strategy: "good", foreign: true, rounds: [{ from: 0, to: 2, isWhole: true }] },
    ]);
    const named = collectEvidence({ ...foreign, plan: { ...header.plan, rounds: [] } }, events);
    expect(named.map(({ strategy }) => strategy)).toEqual(["good", "bad"]);
  });

  it("has the witness of each round, and what it says of lost answers", () => {
    const history = new HistoryBuilder().begin().at(10).does(1, "claim", "unknown");
    const witness = new WitnessBuilder().enqueued(1).granted(1, 1, 10.5).round();
    const [round] = evidenceOf(history, witness).rounds;
    expect(round?.witness?.resolution.truth(0)).toBe("happened");
    expect(round?.witness?.transitions.length).toBe(1);
    expect(evidenceOf(history).rounds[0]?.witness).toBeNull();
  });
});
