import { describe, expect, it } from "vitest";
import { phaseOf, phasesOf, roundsOf, wavesOf } from "../../src/history/rounds.ts";
import { HistoryBuilder } from "../histories/builder.ts";

describe("rounds", () => {
  it("splits a history where rounds begin, and knows the one that was cut short", () => {
    const { events } = new HistoryBuilder({
      strategy: "naive",
      role: "control",
      constraints: false,
    })
      .begin()
      .granted(1, 1)
      .end()
      .begin()
      .granted(1, 2);
    const rounds = roundsOf(events);
    expect(rounds.map(({ round, from, to, isWhole }) => [round, from, to, isWhole])).toEqual([
      [0, 0, 4, true],
      [1, 4, 7, false],
    ]);
    expect(rounds[0]).toMatchObject({ strategy: "naive", role: "control", constraints: false });
  });

  it("finds no rounds in a history that tells of none", () => {
    expect(roundsOf(new HistoryBuilder().granted(1, 1).events)).toEqual([]);
  });

  it("finds phases and waves with their ends", () => {
    const { events } = new HistoryBuilder()
      .begin()
      .phase("load", "begin")
      .note("wave", { wave: 0, event: "begin" })
      .granted(1, 1)
      .note("wave", { wave: 0, event: "end" })
      .phase("load", "end", "deadline")
      .phase("drain", "begin");
    const [round] = roundsOf(events);
    if (round === undefined) throw new Error("no round");
    expect(phasesOf(round).map(({ phase, isWhole }) => [phase, isWhole])).toEqual([
      ["load", true],
      ["drain", false],
    ]);
    expect(phaseOf(round, "load")).toMatchObject({
      from: 1,
      to: 7,
      fromNs: 1e6,
      toNs: 6e6,
      note: "deadline",
    });
    expect(wavesOf(round)).toMatchObject([{ wave: 0, from: 2, to: 6, isWhole: true }]);
  });
});
