import { describe, expect, it } from "vitest";
import { noHeadOfLineBlock } from "../../src/checks/no-head-of-line-block.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { casesOf, evidenceOf, verdictOf } from "./judged.ts";

interface Block {
  readonly claims: number;
  readonly bots?: number;
  readonly code?: string;
}

function refuse(
  history: HistoryBuilder,
  { claims, bots = 2, code = "23505" }: Block,
): HistoryBuilder {
  for (let claim = 0; claim < claims; claim++) {
    history.does((claim % bots) + 1, "claim", "failed", { code });
  }
  return history;
}

function round(): HistoryBuilder {
  return new HistoryBuilder().begin().enqueue(50);
}

const batch = { job: 1, detail: { more: [{ job: 2 }] } };

describe("no-head-of-line-block", () => {
  it("is violated where every bot is refused for the job at the head, and jobs wait", () => {
    const history = refuse(round().granted(1, 1), { claims: 40 });
    const [found] = casesOf(noHeadOfLineBlock, history);
    expect(found?.summary).toBe(
      "40 claims in a row by 2 bots were refused with 23505 from t=6.000 ms to t=84.000 ms, " +
        "while 49 jobs were waiting: something at the head of the queue blocks everyone",
    );
    expect(found?.events).toHaveLength(2);
  });

  it("is violated though a connection was lost in between", () => {
    const history = refuse(round(), { claims: 6 });
    history.does(1, "claim", "failed", { code: "ECONNRESET" });
    history.does(2, "claim", "unknown", { code: "57P01" });
    expect(casesOf(noHeadOfLineBlock, refuse(history, { claims: 6 }))).toHaveLength(1);
  });

  it.each([
    [
      "a grant ends the stretch",
      refuse(refuse(round(), { claims: 6 }).granted(1, 1), { claims: 6 }),
    ],
    [
      "an empty answer ends it",
      refuse(refuse(round(), { claims: 6 }).does(1, "claim", "empty"), { claims: 6 }),
    ],
    ["one bot alone is refused", refuse(round(), { claims: 40, bots: 1 })],
    ["the claims are to be tried again", refuse(round(), { claims: 40, code: "40001" })],
    ["the connections are lost", refuse(round(), { claims: 40, code: "ECONNREFUSED" })],
    ["the server takes no changes", refuse(round(), { claims: 40, code: "25006" })],
    ["it happens for a moment only", refuse(round(), { claims: 9 })],
    [
      "two reasons take turns",
      refuse(refuse(round(), { claims: 6 }), { claims: 6, code: "23514" }),
    ],
    [
      "nothing waits",
      refuse(new HistoryBuilder().begin().enqueue(1).granted(1, 1), { claims: 40 }),
    ],
    [
      "a batch has taken all that waited",
      refuse(
        new HistoryBuilder().begin().enqueue(2).invoke(1, "claim").answer(1, "claim", "ok", batch),
        {
          claims: 40,
        },
      ),
    ],
    [
      "a claim that nobody heard of may have taken what waited",
      refuse(new HistoryBuilder().begin().enqueue(1).does(1, "claim", "unknown"), { claims: 40 }),
    ],
    [
      "all that waits is of a key that is held",
      refuse(new HistoryBuilder().begin().enqueueKeyed(50, 1).granted(1, 1), { claims: 40 }),
    ],
  ])("passes where %s", (_name, history) => {
    expect(verdictOf(noHeadOfLineBlock, history)).toBe("passed");
  });

  it("is violated by a block of all bots only where bots take some types of job", () => {
    const of = (bots: number) => {
      const evidence = evidenceOf(refuse(round(), { claims: 40, bots }));
      const { scenario } = evidence.plan;
      const choosy = { ...scenario, bots: { ...scenario.bots, count: 4, types: [["a"], ["b"]] } };
      return noHeadOfLineBlock.judge({ ...evidence, plan: { ...evidence.plan, scenario: choosy } });
    };
    expect([of(3).verdict, of(4).verdict]).toEqual(["passed", "violated"]);
  });

  it("is violated while a key waits of which nobody was granted a job", () => {
    const keyed = new HistoryBuilder().begin().enqueueKeyed(50, 2).granted(1, 1);
    expect(casesOf(noHeadOfLineBlock, refuse(keyed, { claims: 40 }))).toHaveLength(1);
  });

  it("is inconclusive where nobody claimed", () => {
    expect(verdictOf(noHeadOfLineBlock, round())).toBe("inconclusive");
  });
});
