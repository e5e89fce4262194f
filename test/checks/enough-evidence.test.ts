import { describe, expect, it } from "vitest";
import { enoughEvidence } from "../../src/checks/enough-evidence.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import type { HistoryOptions } from "../histories/builder.ts";
import { wholeRound } from "../histories/whole-round.ts";
import { verdictOf, judged } from "./judged.ts";

function grants(count: number, options: HistoryOptions = {}): HistoryBuilder {
  const history = new HistoryBuilder(options).begin().enqueue(options.jobs ?? 100);
  for (let job = 1; job <= count; job++) {
    history.invoke(1, "claim").does(2, "claim", "empty").answer(1, "claim", "ok", { job });
  }
  return history;
}

describe("enough-evidence passes", () => {
  it("a whole round in which bots raced", () => {
    expect(judged(enoughEvidence, wholeRound())).toMatchObject({
      verdict: "passed",
      note: "12 jobs granted, 6 claims begun while another was in flight",
    });
  });

  it("few grants where there were no more jobs", () => {
    expect(verdictOf(enoughEvidence, grants(4, { jobs: 4 }).end())).toBe("passed");
  });

  it("where every planned fault hit, be it in one round only", () => {
    const options = { faults: [{ kind: "disconnect" }] };
    const history = grants(10, options)
      .fault("disconnect-1", "injected")
      .fault("disconnect-1", "hit");
    expect(verdictOf(enoughEvidence, history.end().begin().end())).toBe("passed");
  });
});

describe("enough-evidence is inconclusive", () => {
  const faults = [{ kind: "disconnect" }];

  it.each([
    ["too few grants", grants(1).end(), "1 jobs were granted, which is fewer than the 10 it takes"],
    ["fewer grants than bots", grants(15, { bots: 20 }).end(), "fewer than the 20 it takes"],
    ["no race", new HistoryBuilder().begin().granted(1, 1).end(), "no two claims were in flight"],
    ["a single bot", grants(10, { bots: 1 }).end(), "one bot has nobody to race with"],
    ["a round that was cut short", grants(10).end().begin(), "1 of 2 rounds were run to their end"],
    [
      "a fault that was never injected",
      grants(10, { faults }).end(),
      "disconnect-1 was planned and never injected",
    ],
    [
      "a fault that never hit",
      grants(10, { faults })
        .fault("disconnect-1", "injected")
        .fault("disconnect-1", "missed")
        .end(),
      "disconnect-1 was injected 1 times and hit nothing",
    ],
  ])("with %s, and says so", (_name, history, note) => {
    const judgement = judged(enoughEvidence, history);
    expect(judgement).toMatchObject({ verdict: "inconclusive" });
    expect((judgement as { note?: string }).note).toContain(note);
  });

  it("does not take a claim that is never answered for a race", () => {
    const history = new HistoryBuilder().begin().enqueue(12).invoke(1, "claim");
    for (let job = 1; job <= 12; job++) history.granted(2, job);
    expect(judged(enoughEvidence, history.end())).toMatchObject({
      note: "no two claims were in flight at the same time",
    });
  });
});
