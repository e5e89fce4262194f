import type { ResultFile } from "../report/read-all.ts";
import { isSameMachine } from "./comparability.ts";

/** All runs of one scenario on both sides, the oldest first. */
export interface ComparedScenario {
  readonly name: string;
  readonly baseline: readonly ResultFile[];
  readonly current: readonly ResultFile[];
  /** They were run in turns on one machine, so that each run has one of the other side beside it. */
  readonly areInterleaved: boolean;
}

export interface MatchedScenarios {
  readonly scenarios: readonly ComparedScenario[];
  /** Names that only one side has. */
  readonly onlyBaseline: readonly string[];
  readonly onlyCurrent: readonly string[];
}

/** Runs of the same scenario brought together, by its name. */
export function matchScenarios(
  baseline: readonly ResultFile[],
  current: readonly ResultFile[],
): MatchedScenarios {
  const [before, now] = [byScenario(baseline), byScenario(current)];
  const scenarios = [...before].flatMap(([name, mine]) => {
    const its = now.get(name);
    if (its === undefined) return [];
    return [{ name, baseline: mine, current: its, areInterleaved: areInterleaved(mine, its) }];
  });
  return {
    scenarios,
    onlyBaseline: [...before.keys()].filter((name) => !now.has(name)),
    onlyCurrent: [...now.keys()].filter((name) => !before.has(name)),
  };
}

function byScenario(files: readonly ResultFile[]): Map<string, ResultFile[]> {
  const found = new Map<string, ResultFile[]>();
  for (const file of files) {
    const { name } = file.result.scenario;
    found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

/**
 * In the order of their starts every two runs are one of each side: A B B A A B. Two runs alone are no proof of turns:
 * one after the other is how a drifting machine is mistaken for a change.
 */
function areInterleaved(baseline: readonly ResultFile[], current: readonly ResultFile[]): boolean {
  const [first] = baseline;
  if (first === undefined || baseline.length < 2 || baseline.length !== current.length)
    return false;
  const all = [
    ...baseline.map((file) => ({ file, side: "baseline" })),
    ...current.map((file) => ({ file, side: "current" })),
  ].toSorted((a, b) => (a.file.result.startedAt < b.file.result.startedAt ? -1 : 1));
  const inTurns = all.every(({ side }, place) => place % 2 === 0 || side !== all[place - 1]?.side);
  return inTurns && all.every(({ file }) => isSameMachine(file.result, first.result));
}
