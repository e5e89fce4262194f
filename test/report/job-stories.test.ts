import { describe, expect, test } from "vitest";

import { judgeStrategy } from "../../src/checks/judge.ts";
import { summarize } from "../../src/report/summarize.ts";
import type { StrategyResult } from "../../src/report/result.ts";
import { evidenceOf } from "../checks/judged.ts";
import { HistoryBuilder } from "../histories/builder.ts";

function strategyOf(history: HistoryBuilder): StrategyResult {
  const evidence = evidenceOf(history);
  const claimSql = { mine: { transaction: "none", steps: [{ name: "find", sql: "SELECT 1" }] } };
  const [strategy] = summarize({
    header: { ...history.header(), claimSql },
    strategies: [{ evidence, judgement: judgeStrategy(evidence) }],
    durationMs: 1,
    interrupted: false,
    replay: "",
    warnings: [],
  }).strategies;
  return strategy!;
}

const begun = (jobs: number): HistoryBuilder =>
  new HistoryBuilder({ strategy: "mine" }).begin().enqueue(jobs).phase("load", "begin");

describe("the stories of jobs", () => {
  test("tell what happened to each, when, by whom and under which attempt", () => {
    const history = begun(1).granted(3, 1, 1).completed(3, 1, 1).phase("load", "end").end();
    const { jobs } = strategyOf(history);
    expect(jobs).toMatchObject({ total: 1, kept: [{ round: 0, job: 1 }] });
    const events = jobs?.kept[0]?.events ?? [];
    expect(events.map(([, what, bot, attempt]) => [what, bot, attempt])).toEqual([
      ["claim ok", 3, 1],
      ["complete ok", 3, 1],
    ]);
    expect(events[0]?.[0]).toBeGreaterThan(0);
    expect(events[1]?.[0]).toBeGreaterThan(events[0]?.[0] ?? Infinity);
  });

  test("are bounded, and keep what a reader will look for", () => {
    const jobs = 5_000;
    const history = begun(jobs);
    for (let job = 1; job <= jobs; job++) history.granted(1, job).completed(1, job);
    history.granted(2, 4_321);
    const { jobs: stories } = strategyOf(history.phase("load", "end").end());
    expect(stories?.total).toBe(jobs);
    const kept = stories?.kept ?? [];
    const events = kept.reduce((sum, story) => sum + story.events.length, 0);
    expect(events).toBeLessThanOrEqual(3_000);
    expect(events).toBeGreaterThan(2_900);
    expect(kept.find(({ job }) => job === 4_321)?.events).toHaveLength(3);
  });
});

test("a strategy's SQL is what the history's header says, and is left out where it says nothing", () => {
  const history = begun(1).granted(3, 1).phase("load", "end").end();
  expect(strategyOf(history).claimSql).toEqual({
    transaction: "none",
    steps: [{ name: "find", sql: "SELECT 1" }],
  });
  const other = new HistoryBuilder({ strategy: "other" }).begin().granted(1, 1).end();
  expect(strategyOf(other).claimSql).toBeUndefined();
});
