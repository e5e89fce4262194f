import { describe, expect, test } from "vitest";

import { judgeStrategy } from "../../src/checks/judge.ts";
import type { HistoryHeader } from "../../src/history/header.ts";
import { runResultSchema } from "../../src/report/result.ts";
import { summarize } from "../../src/report/summarize.ts";
import type { RunRecord } from "../../src/report/summarize.ts";
import type { ExpectationSpec } from "../../src/scenario/scenario.ts";
import { evidenceOf } from "../checks/judged.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { wholeRound } from "../histories/whole-round.ts";

/** A control that gives a job to two bots. */
function caughtControl(): HistoryBuilder {
  const history = new HistoryBuilder({ strategy: "naive", role: "control", constraints: false });
  history.begin().phase("set-up", "begin").enqueue(10).phase("set-up", "end");
  history.phase("load", "begin");
  for (let job = 1; job <= 10; job++) history.granted(1, job).granted(2, job).completed(1, job);
  return history.phase("load", "end").end();
}

function record(
  histories: readonly HistoryBuilder[],
  changes: Partial<RunRecord> & { expect?: readonly string[] } = {},
): RunRecord {
  const header = histories[0]?.header() as HistoryHeader;
  const expected = (changes.expect ?? []).map((text): ExpectationSpec => ({
    text,
    position: { line: 3, column: 5 },
  }));
  const scenario = { ...header.plan.scenario, expect: expected };
  return {
    header: { ...header, plan: { ...header.plan, scenario } },
    strategies: histories.map((history) => {
      const evidence = evidenceOf(history);
      return { evidence, judgement: judgeStrategy(evidence) };
    }),
    durationMs: 1234.5,
    interrupted: false,
    replay: "npx doubletake run test.yaml --seed 7",
    warnings: ["mind this"],
    ...changes,
  };
}

const subject = (): HistoryBuilder => wholeRound({ strategy: "skip-locked" });

describe("a result", () => {
  test("keeps its schema, and puts the subjects first", () => {
    const result = summarize(record([caughtControl(), subject()]));
    expect(runResultSchema.parse(result)).toEqual(result);
    expect(result.strategies.map((strategy) => strategy.name)).toEqual(["skip-locked", "naive"]);
    expect(result.warnings).toEqual(["mind this"]);
  });

  test("of a subject that passes beside a control that is caught is passed", () => {
    const result = summarize(record([subject(), caughtControl()]));
    expect(result).toMatchObject({ verdict: "passed", exitCode: 0 });
    expect(result.headline).toBe(
      "skip-locked gave no job twice in 12 claims; naive, the control, gave a job twice 10 times.",
    );
  });

  test("of a violated subject is violated, with both ends of the operations of a case", () => {
    const violated = new HistoryBuilder({ strategy: "mine" }).begin().phase("load", "begin");
    violated.granted(1, 1).granted(2, 1).phase("load", "end").end();
    const result = summarize(record([violated]));
    expect(result).toMatchObject({ verdict: "violated", exitCode: 1 });
    expect(result.headline).toContain("mine gave a job twice once");
    const [check] = result.strategies[0]?.checks ?? [];
    const [found] = check?.evidence ?? [];
    expect(found?.events.map((event) => event.type)).toEqual(["ok", "ok"]);
    expect(found?.around?.map((event) => event.type)).toEqual(["invoke", "invoke"]);
  });

  test("of a control that was not caught is inconclusive", () => {
    const control = wholeRound({ strategy: "naive", role: "control" });
    const result = summarize(record([subject(), control]));
    expect(result).toMatchObject({ verdict: "inconclusive", exitCode: 2 });
    expect(result.headline).toMatch(/^naive, the control, was not caught/);
  });

  test("of a round that was cut short has what was measured until then", () => {
    const result = summarize(
      record([wholeRound({ strategy: "skip-locked", cutShort: true })], { interrupted: true }),
    );
    expect(result).toMatchObject({ verdict: "inconclusive", exitCode: 2, interrupted: true });
    expect(result.strategies[0]?.claims.granted).toBe(12);
    expect(result.strategies[0]?.timeline).toHaveLength(1);
  });

  test("of a run that recorded nothing has no numbers, and no pass", () => {
    const result = summarize(record([new HistoryBuilder({ strategy: "skip-locked" })]));
    expect(runResultSchema.parse(result)).toEqual(result);
    expect(result.verdict).toBe("inconclusive");
    expect(result.strategies[0]).toMatchObject({ rounds: 0, timeline: [], distribution: [] });
    expect(result.strategies[0]?.claimsPerSecond).toEqual({
      median: null,
      low: null,
      high: null,
      samples: [],
    });
  });

  test("counts no false empties where no check looked for them", () => {
    const result = summarize(record([subject()]));
    expect(result.strategies[0]?.claims.falseEmpty).toBeNull();
  });
});

describe("an expectation", () => {
  const both = (expectation: string) =>
    summarize(record([subject(), caughtControl()], { expect: [expectation] }));

  test("that holds changes nothing", () => {
    const result = both("skip-locked.claims.duplicates == 0");
    expect(result.expectations).toMatchObject([{ verdict: "passed", line: 3 }]);
    expect(result.exitCode).toBe(0);
  });

  test("that is missed ends with 3, though every check passed", () => {
    const result = both("skip-locked.toClaim.max < 0.5ms");
    expect(result.expectations).toMatchObject([{ verdict: "violated" }]);
    expect(result).toMatchObject({ verdict: "passed", exitCode: 3 });
  });

  test("without data is no pass", () => {
    const result = both("skip-locked.toClaim.p99 < 100ms");
    expect(result.expectations).toMatchObject([{ verdict: "violated" }]);
    expect(result).toMatchObject({ verdict: "passed", exitCode: 3 });
  });

  test("may compare two strategies", () => {
    const result = both("skip-locked.claims.duplicates < naive.claims.duplicates");
    expect(result.expectations).toMatchObject([{ verdict: "passed" }]);
  });
});

describe("a comparison", () => {
  test("pairs the rounds of one repeat, and leaves out what they have too few samples for", () => {
    const { comparisons } = summarize(record([subject(), caughtControl()]));
    expect(comparisons.map(({ metric }) => metric)).toEqual([
      "claimsPerSecond",
      "latencyMs.toClaim.p50",
    ]);
    expect(comparisons[0]).toMatchObject({
      subject: "skip-locked",
      control: "naive",
      pairs: 1,
      low: null,
      significant: false,
    });
  });

  test("is there only where a control ran beside a subject", () => {
    expect(summarize(record([subject()])).comparisons).toEqual([]);
  });
});
