import type { Plan } from "../plan/plan.ts";
import type { ResultFile } from "../report/read-all.ts";
import type { Overrides } from "../scenario/overrides.ts";
import { carryOut } from "./carry-out.ts";
import { Interruption } from "./interruption.ts";
import { planScenario } from "./plan-scenario.ts";
import { openProgress } from "./progress/open-progress.ts";
import { overridesOf, replayCommand } from "./run-options.ts";
import type { RunFlags } from "./run-options.ts";

/** Fewer pairs than this leave an interval that says little: t of 5 degrees of freedom is 2.57, of 2 it is 4.30. */
const leastRounds = 6;

export interface LiveComparison {
  readonly strategies: readonly [baseline: string, current: string];
  readonly scenario: string;
  readonly flags: RunFlags;
}

/** Runs two strategies on a scenario in turns (A B B A …). Null where the user stopped it; the exit code is set then. */
export async function runInTurns(request: LiveComparison): Promise<ResultFile | null> {
  const { strategies, scenario, flags } = request;
  const plan = planInTurns(scenario, { ...overridesOf(flags), ...played(strategies) });
  const rounds = String(plan.scenario.repeat);
  const names = strategies.join(",");
  const whoever = strategies.every(isModule) ? { target: names } : { strategy: names };
  const replay = replayCommand(plan, { ...flags, ...whoever, rounds });
  using interruption = new Interruption();
  using progress = openProgress(plan, { quiet: flags.quiet ?? false });
  const { signal } = interruption;
  try {
    const run = { plan, replay, out: flags.out, signal, watcher: progress };
    const { result, folder } = await carryOut(run);
    if (interruption.exitCode === undefined) return { path: folder, result };
  } catch (error) {
    if (interruption.exitCode === undefined) throw error;
  }
  process.exitCode = interruption.exitCode;
  return null;
}

/** More rounds than the scenario asks for, where nobody said how many. */
function planInTurns(file: string, overrides: Overrides): Plan {
  const plan = planScenario(file, overrides);
  if (overrides.repeat !== undefined || plan.scenario.repeat >= leastRounds) return plan;
  return planScenario(file, { ...overrides, repeat: leastRounds, seed: plan.seed });
}

/** Two builds of a queue in code, or two strategies. */
function played(references: readonly string[]): Overrides {
  return references.every(isModule) ? { targets: references } : { strategies: references };
}

function isModule(reference: string): boolean {
  return /\.[cm]?js$/.test(reference);
}
