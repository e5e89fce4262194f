import { describe, expect, test } from "vitest";

import { measurePickUp } from "../../../src/report/measure/pick-up.ts";
import type { HistoryBuilder } from "../../histories/builder.ts";
import { firstRound, loaded } from "./rounds.ts";

function pickUp(tell: (history: HistoryBuilder) => void): readonly number[] {
  const { round, load } = firstRound(loaded(tell));
  return [...measurePickUp(round, load)];
}

describe("the time until a job is picked up", () => {
  test("counts from when the statement that added it was sent, to its first grant", () => {
    const times = pickUp((history) => {
      history.at(110).enqueue(2, 21);
      history.at(117).granted(1, 21, 1).at(120).released(1, 21, 1);
      history.at(130).granted(2, 21, 2).at(140).granted(1, 22, 1);
    });
    expect(times).toEqual([8, 31]);
  });

  test("is not known of jobs that were there before the load, and of those that nobody got", () => {
    const times = pickUp((history) => history.at(110).granted(1, 1, 1).enqueue(3, 21));
    expect(times).toEqual([]);
  });

  test("counts a job that a bot only learnt of later", () => {
    const times = pickUp((history) => {
      history.at(110).enqueue(1, 21).at(115).does(1, "claim", "unknown");
      history.at(125).does(1, "resume", "ok", { job: 21, attempt: 1 });
    });
    expect(times).toEqual([16]);
  });

  test("is that of the bots' release in waves, and so none of the queue's", () => {
    const times = pickUp((history) =>
      history
        .at(110)
        .enqueue(1, 21)
        .note("wave", { wave: 1, event: "begin" })
        .granted(1, 21, 1)
        .note("wave", { wave: 1, event: "end" }),
    );
    expect(times).toEqual([]);
  });
});
