import { relative } from "node:path";
import { Command } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { describePlan } from "../plan/describe.ts";
import type { Plan } from "../plan/plan.ts";
import { publicPlan } from "../plan/public-plan.ts";
import { resultJson } from "../report/json.ts";
import type { RunResult } from "../report/result.ts";
import { ScenarioSkipped } from "../run/run-scenario.ts";
import { printResult } from "./answer.ts";
import { carryOut } from "./carry-out.ts";
import { exitCodeOf, exitCodes, worstExitCode } from "./exit-code.ts";
import { firstError } from "./first-error.ts";
import { Interruption } from "./interruption.ts";
import { overridesOf, replayCommand, runOptions } from "./run-options.ts";
import type { RunFlags } from "./run-options.ts";
import { planScenario } from "./plan-scenario.ts";
import { openProgress } from "./progress/open-progress.ts";

export function runCommand(): Command {
  const command = new Command("run")
    .description("runs scenarios and judges what happened")
    .argument("<scenario...>", "scenario files, such as scenarios/quickstart.yaml");
  for (const option of runOptions) command.addOption(option);
  return command.action(run);
}

async function run(files: readonly string[], flags: RunFlags): Promise<void> {
  // Everything is read before anything is started: a mistake in the last file must not cost the first one's run.
  const plans = files.map((file) => planScenario(file, overridesOf(flags)));
  if (flags.dryRun) {
    printPlans(plans, flags);
    return;
  }
  using interruption = new Interruption();
  const codes: number[] = [];
  const results: RunResult[] = [];
  for (const plan of plans) {
    if (interruption.signal.aborted) break;
    codes.push(await runOne(plan, { flags, interruption, results }));
  }
  if (flags.json && results.length > 0) printResults(results, plans.length);
  process.exitCode = interruption.exitCode ?? worstExitCode(codes);
}

interface Session {
  readonly flags: RunFlags;
  readonly interruption: Interruption;
  readonly results: RunResult[];
}

/** Runs, judges and reports one scenario; returns its exit code. What one scenario's run dies of does not stop the others. */
async function runOne(plan: Plan, { flags, interruption, results }: Session): Promise<number> {
  using progress = openProgress({ quiet: flags.quiet ?? false });
  progress.message(`${plan.scenario.name}: ${plan.scenario.description} (seed ${plan.seed})`);
  try {
    const { signal } = interruption;
    const replay = replayCommand(plan, flags);
    const request = { plan, replay, out: flags.out, signal, watcher: progress };
    const { result, folder } = await carryOut(request);
    results.push(result);
    progress[Symbol.dispose]();
    if (!flags.json) printResult(result, relative(process.cwd(), folder));
    return result.exitCode;
  } catch (thrown) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    progress[Symbol.dispose]();
    return notRun(plan, firstError(thrown));
  }
}

/** Tells why a scenario has no result, and returns its exit code; a defect is thrown on. */
function notRun(plan: Plan, error: unknown): number {
  if (error instanceof ScenarioSkipped) {
    process.stderr.write(`doubletake: ${error.message}\n`);
    return exitCodes.inconclusive;
  }
  if (!(error instanceof HarnessError)) throw error;
  process.stderr.write(`doubletake: ${plan.scenario.name}: ${error.message}\n`);
  return exitCodeOf(error);
}

function printPlans(plans: readonly Plan[], flags: RunFlags): void {
  const text = flags.json
    ? JSON.stringify(oneOrList(plans.map(publicPlan), plans.length), null, 2)
    : plans.map(describePlan).join("\n\n");
  process.stdout.write(`${text}\n`);
}

/** For one scenario exactly the text of its result.json. */
function printResults(results: readonly RunResult[], scenarios: number): void {
  const [first] = results;
  const isOne = scenarios === 1 && first !== undefined;
  process.stdout.write(isOne ? resultJson(first) : `${JSON.stringify(results, null, 2)}\n`);
}

/** One document: the thing itself where one scenario was asked for, else a list. */
function oneOrList(documents: readonly unknown[], scenarios: number): unknown {
  return scenarios === 1 ? documents[0] : documents;
}
