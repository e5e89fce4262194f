import { HarnessError } from "../base/harness-error.ts";
import type { ResultFile } from "../report/read-all.ts";
import type { RunResult, StrategyResult } from "../report/result.ts";
import { strategyName } from "../scenario/strategy-name.ts";
import type { ComparedScenario } from "./compared-scenario.ts";

/**
 * Two strategies of one run as the two sides of a comparison: each repeat is a pair of runs, and the two go by one
 * name, or nothing of them would match.
 */
export function strategiesInTurns(
  file: ResultFile,
  names: { readonly baseline: string; readonly current: string },
): ComparedScenario {
  const name = `${names.baseline} → ${names.current}`;
  const sideOf = (strategy: string): ResultFile[] => {
    const played = strategyOf(file, strategy);
    const repeats = [...new Set(played.perRound?.map(({ repeat }) => repeat))];
    return repeats.map((repeat) => ({
      path: file.path,
      result: onlyRepeat(file.result, { ...played, name }, repeat),
    }));
  };
  return {
    name: file.result.scenario.name,
    baseline: sideOf(names.baseline),
    current: sideOf(names.current),
    areInterleaved: true,
  };
}

function strategyOf({ path, result }: ResultFile, name: string): StrategyResult {
  const strategy = result.strategies.find((each) => strategyName(each.name) === name);
  if (strategy !== undefined) return strategy;
  const hint = `it has ${result.strategies.map((each) => each.name).join(", ")}`;
  throw new HarnessError({ kind: "usage", what: `no strategy "${name}" in it`, where: path, hint });
}

function onlyRepeat(result: RunResult, strategy: StrategyResult, repeat: number): RunResult {
  const perRound = strategy.perRound?.filter((round) => round.repeat === repeat);
  return { ...result, strategies: [{ ...strategy, perRound }], expectations: [] };
}
