import type { StrategyJudgement } from "../../../src/checks/judge.ts";
import { loadStrategy, strategyNames } from "../../../src/service/strategy.ts";
import type { Strategy } from "../../../src/service/strategy.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { perform } from "../../selftest/play.ts";
import type { Script } from "../../selftest/play.ts";
import { barrier, crowd, race, underKills } from "../../selftest/race.ts";
import type { TestDatabase } from "../../setup/database.ts";
import type { Row } from "../../selftest/row.ts";

/** A strategy that says itself that it is wrong may win its race by luck, so it is raced again, up to so often. */
const mostRaces = 20;

/** One bot takes every claim of the others for over. */
const aheadOfTime = `
jobs: { count: 24, work: 20ms }
bots: { count: 4 }
load: { kind: drain }
faults: [{ fault: clock-offset, by: 5m }]`;

/** What an unsafe strategy takes to fail, where all bots at a barrier with a job for each are not enough. */
const circumstances: Readonly<Record<string, string>> = {
  "advisory-lock-no-recheck": crowd,
  "session-lock-no-recheck": crowd,
  "lease-by-bot-clock": aheadOfTime,
  "single-update-guarded": crowd,
};

/** A bot stalls beyond its lease, another takes over, and the first comes back as if nothing had been. */
const outrunLease: Script = async (play) => {
  const mine = await play.granted(1);
  await play.start(1, mine);
  await play.expire(mine.job);
  const theirs = await play.granted(2);
  await play.start(2, theirs);
  await play.complete(1, mine);
  await play.complete(2, theirs);
};

/** Strategies that take over expired claims themselves; the unsafe one fails only there. */
const leased = new Set(["lease-fencing", "visibility-timeout"]);

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
    run: leased.has(strategy.name)
      ? (database) => outrun(database, strategy)
      : (database) => race(database, strategy, { scenario, constraints: false }),
  }));
}

function safe(strategy: Strategy): readonly Row[] {
  return [...racedSafe(strategy), ...(leased.has(strategy.name) ? [outrunSafe(strategy)] : [])];
}

function outrunSafe(strategy: Strategy): Row {
  return {
    name: `${strategy.name}, when a lease runs out`,
    kind: "strategy",
    caughtBy: null,
    run: (database) => outrun(database, strategy),
  };
}

function racedSafe(strategy: Strategy): readonly Row[] {
  const inRaces = { "at the barrier": barrier, "under kills": underKills };
  return Object.entries(inRaces).map(([where, scenario]) => ({
    name: `${strategy.name}, ${where}`,
    kind: "strategy",
    caughtBy: null,
    isSlow: scenario === underKills,
    run: (database) => race(database, strategy, { scenario, constraints: true }),
  }));
}

function outrun(database: TestDatabase, strategy: Strategy): Promise<StrategyJudgement> {
  return perform({ database, strategy, lifecycle: new Lifecycle(), jobs: 2 }, outrunLease);
}
