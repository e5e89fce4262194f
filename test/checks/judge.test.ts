import { describe, expect, it } from "vitest";
import type { Check, Verdict } from "../../src/checks/check.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeRun, judgeStrategy } from "../../src/checks/judge.ts";
import type { StrategyJudgement } from "../../src/checks/judge.ts";
import { checks } from "../../src/checks/registry.ts";
import type { HistoryBuilder } from "../histories/builder.ts";
import { wholeRound } from "../histories/whole-round.ts";

function judged(history: HistoryBuilder): StrategyJudgement {
  const [evidence] = collectEvidence(history.header(), history.events);
  if (evidence === undefined) throw new Error("no strategy");
  return judgeStrategy(evidence);
}

function failing({ checks: all }: StrategyJudgement): unknown[] {
  return all.filter(({ verdict }) => verdict !== "passed").map(({ name, note }) => [name, note]);
}

describe("judging a strategy", () => {
  it("passes a whole, legal round and says what it did not judge", () => {
    const judgement = judged(wholeRound());
    expect(failing(judgement)).toEqual([]);
    expect(judgement.verdict).toBe("passed");
    expect(judgement.notJudged.map(({ name }) => name)).toEqual([
      "fenced-settle",
      "no-false-empty",
      "serial-keys",
      "rescued-in-time",
      "recovered",
    ]);
  });

  it("is inconclusive where the run was cut short, whatever was found good until then", () => {
    const judgement = judged(wholeRound({ cutShort: true }));
    expect(judgement.verdict).toBe("inconclusive");
    expect(judgement.checks.find(({ name }) => name === "drained")?.verdict).toBe("inconclusive");
    expect(judgement.checks.find(({ name }) => name === "single-grant")?.verdict).toBe("passed");
  });

  it("lets a violation outweigh what could not be judged", () => {
    const history = wholeRound({ cutShort: true }).granted(1, 1, 1);
    expect(judged(history).verdict).toBe("violated");
  });

  it("calls a check that throws inconclusive, with its message", () => {
    const throwing: Check = {
      name: "throwing",
      property: "never holds",
      judge: () => {
        throw new Error("out of cheese");
      },
    };
    const [evidence] = collectEvidence(wholeRound().header(), wholeRound().events);
    const judgement = judgeStrategy(evidence as NonNullable<typeof evidence>, [throwing]);
    expect(judgement.verdict).toBe("inconclusive");
    expect(judgement.checks[0]?.note).toBe("the check failed: out of cheese");
  });

  it("keeps the order in which the checks are registered", () => {
    expect(checks.map(({ name }) => name)).toEqual([
      "single-grant",
      "no-overlap",
      "fenced-settle",
      "effect-once",
      "jobs-bots-agree",
      "constraints-hold",
      "verification-queries",
      "nothing-lost",
      "no-over-claim",
      "terminal-states",
      "nothing-left-locked",
      "drained",
      "no-false-empty",
      "no-head-of-line-block",
      "serial-keys",
      "rescued-in-time",
      "recovered",
      "enough-evidence",
    ]);
  });
});

describe("judging a run", () => {
  const strategy = (
    name: string,
    role: "subject" | "control",
    verdict: Verdict,
  ): StrategyJudgement => ({
    strategy: name,
    role,
    verdict,
    checks: [
      { name: "single-grant", property: "", verdict, count: 3, evidence: [], note: "too little" },
    ],
    notJudged: [],
  });

  it.each([
    ["violated", "violated", "violated", "good violates single-grant (3)"],
    ["violated", "passed", "violated", "good violates single-grant (3)"],
    [
      "passed",
      "violated",
      "passed",
      "good satisfies all 1 checks; the control bad was caught by single-grant (3)",
    ],
    [
      "passed",
      "passed",
      "inconclusive",
      "the control bad was not caught, so this run could not have caught a subject either",
    ],
    [
      "passed",
      "inconclusive",
      "inconclusive",
      "the control bad was not caught, so this run could not have caught a subject either",
    ],
    ["inconclusive", "violated", "inconclusive", "single-grant could not judge good: too little"],
  ] as const)("subject %s and control %s make %s", (subject, control, verdict, reason) => {
    const run = judgeRun([
      strategy("good", "subject", subject),
      strategy("bad", "control", control),
    ]);
    expect(run).toEqual({ verdict, reason });
  });

  it("passes subjects that are compared with no control, and nothing at all is inconclusive", () => {
    expect(judgeRun([strategy("good", "subject", "passed")]).verdict).toBe("passed");
    expect(judgeRun([]).verdict).toBe("inconclusive");
  });
});
