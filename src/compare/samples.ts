import type { RunResult, StrategyResult } from "../report/result.ts";

/** One number a round; for results of versions that kept none, the rates of the rounds, or one number for the run. */
export function samplesOf(result: RunResult, name: string, metric: string): readonly number[] {
  const strategy = result.strategies.find((each) => each.name === name);
  if (strategy === undefined) return [];
  if (strategy.perRound !== undefined) {
    return strategy.perRound.flatMap(({ metrics }) => metrics[metric] ?? []);
  }
  return metric === "claimsPerSecond"
    ? strategy.claimsPerSecond.samples
    : [numberAt(strategy, metric)].filter((value) => value !== null);
}

/** "costPerClaim.statements" of a strategy's result. */
function numberAt(strategy: StrategyResult, path: string): number | null {
  let value: unknown = strategy;
  for (const key of path.split(".")) value = (value as Record<string, unknown> | null)?.[key];
  return typeof value === "number" ? value : null;
}
