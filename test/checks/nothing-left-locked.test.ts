import type { Evidence } from "../../src/checks/check.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { describe, expect, it } from "vitest";
import { nothingLeftLocked } from "../../src/checks/nothing-left-locked.ts";
import type { LocksDetail } from "../../src/history/event.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { nothingHeld, wholeRound } from "../histories/whole-round.ts";
import { casesOf, foreignEvidenceOf, judged } from "./judged.ts";

const held: LocksDetail = {
  what: "locks",
  count: 12,
  rows: [
    { kind: "advisory lock", holder: "doubletake-bot-x-3", held: "0, 9" },
    { kind: "idle in transaction", holder: "doubletake-bot-x-4", held: "SELECT 1" },
  ],
};

describe("nothing-left-locked", () => {
  it("is violated by what is still held after the drain", () => {
    const history = new HistoryBuilder().begin().inspect(held).end();
    expect(judged(nothingLeftLocked, history)).toMatchObject({ verdict: "violated", count: 12 });
    expect(casesOf(nothingLeftLocked, history)[0]?.summary).toBe(
      "12 things still held after the drain (t=1.000 ms): advisory lock of doubletake-bot-x-3 (0, 9), " +
        "idle in transaction of doubletake-bot-x-4 (SELECT 1) and 10 more",
    );
  });

  it("passes where nothing is", () => {
    expect(judged(nothingLeftLocked, wholeRound())).toMatchObject({ verdict: "passed" });
  });

  it("is inconclusive where a round ended before anybody looked", () => {
    const history = new HistoryBuilder().begin().inspect(nothingHeld).end().begin();
    expect(judged(nothingLeftLocked, history)).toMatchObject({
      verdict: "inconclusive",
      note: "nobody looked for locks in 1 of 2 rounds, 1 of them cut short",
    });
  });

  it("is not judged of a run that was recorded before anybody looked for locks", () => {
    const history = new HistoryBuilder().begin().granted(1, 1).end();
    const { questions: _none, ...header } = history.header();
    const [evidence] = collectEvidence(header, history.events);
    expect(nothingLeftLocked.judge(evidence as Evidence)).toMatchObject({
      verdict: "not-judged",
      reason: "the doubletake that recorded this run did not look for locks yet",
    });
    expect(judged(nothingLeftLocked, history)).toMatchObject({ verdict: "inconclusive" });
  });

  it("is not judged of another system that does not look", () => {
    const evidence = foreignEvidenceOf(new HistoryBuilder().begin().granted(1, 1).end());
    expect(nothingLeftLocked.judge(evidence)).toMatchObject({ verdict: "not-judged" });
  });
});
