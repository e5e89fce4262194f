import { loadStrategy, strategyNames } from "../../../src/service/strategy.ts";
import type { Strategy } from "../../../src/service/strategy.ts";
import { barrier, crowd, race, underKills } from "../../selftest/race.ts";
import type { Row } from "../../selftest/row.ts";

/** A strategy that says itself that it is wrong may win its race by luck, so it is raced again, up to so often. */
const mostRaces = 20;

/** What an unsafe strategy takes to fail, where all bots at a barrier with a job for each are not enough. */
const circumstances: Readonly<Record<string, string>> = {
  "advisory-lock-no-recheck": crowd,
  "session-lock-no-recheck": crowd,
  "single-update-guarded": crowd,
};

const strategies = strategyNames().map(loadStrategy);

/**
 * Every strategy of `sql/strategies`, held to its word: an unsafe one must be caught by each check that it says it breaks,
 * without the constraints that would stop it; a safe one must be accused by none.
 */
export const shipped: readonly Row[] = [
  ...strategies.filter(({ verdict }) => verdict === "unsafe").flatMap(unsafe),
  ...strategies.filter(({ verdict }) => verdict === "safe").flatMap(safe),
];

function unsafe(strategy: Strategy): readonly Row[] {
  const scenario = circumstances[strategy.name] ?? barrier;
  return strategy.breaks.map((caughtBy) => ({
    name: `${strategy.name}, which breaks ${caughtBy}`,
    kind: "strategy",
    caughtBy,
    tries: mostRaces,
    run: (database) => race(database, strategy, { scenario, constraints: false }),
  }));
}

function safe(strategy: Strategy): readonly Row[] {
  const inRaces = { "at the barrier": barrier, "under kills": underKills };
  return Object.entries(inRaces).map(([where, scenario]) => ({
    name: `${strategy.name}, ${where}`,
    kind: "strategy",
    caughtBy: null,
    isSlow: scenario === underKills,
    run: (database) => race(database, strategy, { scenario, constraints: true }),
  }));
}
