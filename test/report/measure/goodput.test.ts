import { describe, expect, test } from "vitest";

import { firstGrants } from "../../../src/report/measure/first-grants.ts";
import { claimsPerSecond } from "../../../src/report/measure/goodput.ts";
import type { HistoryBuilder } from "../../histories/builder.ts";
import { firstRound, loaded } from "./rounds.ts";

function grantsAtMs(tell: (history: HistoryBuilder) => void): number[] {
  const { round, load } = firstRound(loaded(tell));
  return Array.from(firstGrants(round, load), (ns) => ns / 1e6);
}

function rateOf(tell: (history: HistoryBuilder) => void): number | null {
  const { round, load } = firstRound(loaded(tell));
  return claimsPerSecond({ round, load, grants: firstGrants(round, load), isFixedWindow: false });
}

describe("first grants", () => {
  test("count a job that was granted twice once", () => {
    expect(grantsAtMs((history) => history.at(110).granted(1, 7).granted(2, 7))).toEqual([111]);
  });

  test("count every attempt of a job", () => {
    const tell = (history: HistoryBuilder) =>
      history.at(110).granted(1, 7, 1).released(1, 7, 1).granted(2, 7, 2).granted(3, 7, 2);
    expect(grantsAtMs(tell)).toEqual([111, 115]);
  });

  test("take a grant of which the attempt is not told for one that was counted", () => {
    const tell = (history: HistoryBuilder) =>
      history.at(110).granted(1, 7).does(2, "resume", "ok", { job: 7, attempt: 1 });
    expect(grantsAtMs(tell)).toEqual([111]);
  });

  test("count a claim of which the bot was told late, when it was told", () => {
    const tell = (history: HistoryBuilder) =>
      history.at(110).does(1, "claim", "unknown").does(1, "resume", "ok", { job: 7, attempt: 1 });
    expect(grantsAtMs(tell)).toEqual([113]);
  });

  test("count every job of one answer", () => {
    const tell = (history: HistoryBuilder) =>
      history
        .at(110)
        .does(1, "claim", "ok", { job: 1, detail: { more: [{ job: 2 }, { job: 3 }] } });
    expect(grantsAtMs(tell)).toHaveLength(3);
  });
});

describe("claims per second", () => {
  test("end with the last grant, however long the load went on", () => {
    const tell = (history: HistoryBuilder) =>
      history.at(149).granted(1, 1).at(299).granted(1, 2).at(900).does(1, "claim", "empty");
    expect(rateOf(tell)).toBe(10);
  });

  test("are zero where nothing was granted: the queue stood still", () => {
    expect(rateOf((history) => history.at(500).does(1, "claim", "empty"))).toBe(0);
  });

  test("leave out the time between waves", () => {
    const wave = (history: HistoryBuilder, number: number, fromMs: number): void => {
      history.at(fromMs).note("wave", { wave: number, event: "begin" });
      history
        .invoke(1, "claim")
        .at(fromMs + 20)
        .answer(1, "claim", "ok", { job: number });
      history
        .at(fromMs + 500)
        .completed(1, number)
        .note("wave", { wave: number, event: "end" });
    };
    const tell = (history: HistoryBuilder): void => {
      wave(history, 1, 1000);
      wave(history, 2, 2000);
    };
    expect(rateOf(tell)).toBeCloseTo(50, 6);
  });
});
