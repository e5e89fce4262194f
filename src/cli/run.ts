import { relative } from "node:path";
import { Command } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { describePlan } from "../plan/describe.ts";
import type { Plan } from "../plan/plan.ts";
import { publicPlan } from "../plan/public-plan.ts";
import { baselineOf } from "../report/expectations.ts";
import { resultJson } from "../report/json.ts";
import type { Batch } from "../report/batch.ts";
import type { RunResult } from "../report/result.ts";
import { readResult } from "../report/read.ts";
import { ScenarioSkipped } from "../run/run-scenario.ts";
import { printResult } from "./answer.ts";
import { BatchRecord, batchSummary, entryOfMiss, entryOfRun, writeIndex } from "./batch.ts";
import { carryOut } from "./carry-out.ts";
import { exitCodeOf, exitCodes, worstExitCode } from "./exit-code.ts";
import { firstError } from "./first-error.ts";
import { tellGitHub } from "./github.ts";
import { Interruption } from "./interruption.ts";
import { overridesOf, replayCommand, runOptions, wholeNumber } from "./run-options.ts";
import type { RunFlags } from "./run-options.ts";
import { planScenario } from "./plan-scenario.ts";
import { scenarioFiles } from "./scenario-files.ts";
import { openProgress } from "./progress/open-progress.ts";
import { runTimes } from "./times.ts";
import type { Attempt } from "./times.ts";

interface BatchFlags extends RunFlags {
  readonly tag?: string;
  readonly times?: string;
  readonly allowSkips?: boolean;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("runs scenarios and judges what happened; of several it writes one index")
    .argument("<scenario...>", "scenario files, or folders of them, such as scenarios")
    .option("--tag <names>", "only scenarios with one of these tags, with commas")
    .option(
      "--times <number>",
      "run each so often with the same seed; a verdict that differs is no pass",
    )
    .option(
      "--allow-skips",
      "a scenario that this environment cannot run does not fail the others",
    );
  for (const option of runOptions) command.addOption(option);
  return command.action(run);
}

async function run(paths: readonly string[], flags: BatchFlags): Promise<void> {
  const times = wholeNumber("--times", flags.times, 1) ?? 1;
  const baseline = await readBaseline(flags);
  const plans = plansOf(paths, flags).map((plan) => withBaseline(plan, baseline));
  if (flags.dryRun) {
    printPlans(plans, flags);
    return;
  }
  using interruption = new Interruption();
  const batch = new BatchRecord();
  const session: Session = { flags, times, interruption, batch, results: [] };
  const codes: number[] = [];
  for (const plan of plans) {
    if (interruption.signal.aborted) break;
    codes.push(await runOne(plan, session));
  }
  const exitCode = interruption.exitCode ?? batchExitCode(codes, session.results);
  const record = batch.finish(exitCode, interruption.signal.aborted);
  if (plans.length > 1 || flags.tag !== undefined || times > 1) printBatch(record, flags);
  if (flags.json && times > 1) process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
  else if (flags.json && session.results.length > 0) printResults(session.results, plans.length);
  process.exitCode = exitCode;
}

/** A batch of which nothing could be run shows nothing, whatever may be skipped. */
function batchExitCode(codes: readonly number[], results: readonly RunResult[]): number {
  const worst = worstExitCode(codes);
  const isEmpty = results.length === 0 && worst === exitCodes.passed;
  return isEmpty ? exitCodes.inconclusive : worst;
}

/** Everything is read before anything is started: a mistake in the last file must not cost the first one's run. */
function plansOf(paths: readonly string[], flags: BatchFlags): readonly Plan[] {
  const plans = scenarioFiles(paths).map((file) => planScenario(file, overridesOf(flags)));
  if (flags.tag === undefined) return plans;
  const wanted = flags.tag.split(",").map((tag) => tag.trim());
  const tagged = plans.filter(({ scenario }) => scenario.tags.some((tag) => wanted.includes(tag)));
  if (tagged.length > 0) return tagged;
  const known = [...new Set(plans.flatMap(({ scenario }) => scenario.tags))].toSorted();
  const what = `no scenario here is tagged ${wanted.join(" or ")}`;
  const hint = `there are ${known.join(", ") || "no tags"}`;
  throw new HarnessError({ kind: "usage", what, where: "--tag", hint });
}

interface EarlierRun {
  readonly file: string;
  readonly result: RunResult;
}

async function readBaseline({ baseline }: RunFlags): Promise<EarlierRun | undefined> {
  return baseline === undefined
    ? undefined
    : { file: baseline, result: await readResult(baseline) };
}

/** What the plan's expectations ask of an earlier run goes into the plan, so that its history can be judged by itself. */
function withBaseline(plan: Plan, baseline: EarlierRun | undefined): Plan {
  if (baseline === undefined) return plan;
  const { scenario } = plan;
  return { ...plan, scenario: { ...scenario, baseline: baselineOf(scenario.expect, baseline) } };
}

function printBatch(batch: Batch, flags: BatchFlags): void {
  const page = writeIndex(flags.out, batch);
  if (!flags.json) process.stdout.write(batchSummary(batch, relative(process.cwd(), page)));
}

interface Session {
  readonly flags: BatchFlags;
  /** How often each scenario is run, with the same seed. */
  readonly times: number;
  readonly interruption: Interruption;
  readonly batch: BatchRecord;
  readonly results: RunResult[];
}

/** Runs, judges and reports one scenario, as often as it is to be; returns its exit code. */
async function runOne(plan: Plan, session: Session): Promise<number> {
  const { times, interruption, batch } = session;
  const entry = await runTimes({
    times,
    signal: interruption.signal,
    runOnce: () => attempt(plan, session),
    tell: (made) => tell(made, session),
    tellAlike: (line) => void process.stderr.write(`${line}\n`),
  });
  if (entry !== null) batch.add(entry);
  return entry?.exitCode ?? interruption.exitCode ?? exitCodes.inconclusive;
}

/** What one scenario's run dies of does not stop the others; a defect is thrown on. */
async function attempt(plan: Plan, { flags, interruption }: Session): Promise<Attempt | null> {
  using progress = openProgress(plan, { quiet: flags.quiet ?? false });
  progress.message(`${plan.scenario.name}: ${plan.scenario.description} (seed ${plan.seed})`);
  try {
    const { signal } = interruption;
    const replay = replayCommand(plan, flags);
    const concluded = await carryOut({
      plan,
      replay,
      out: flags.out,
      signal,
      watcher: progress,
      notesStatements: flags.coverage,
    });
    return { entry: entryOfRun(plan, concluded), concluded };
  } catch (thrown) {
    if (interruption.exitCode !== undefined) return null;
    return { entry: entryOfMiss(plan, missOf(firstError(thrown), flags)), concluded: null };
  }
}

/** Why a scenario has no result; a defect is thrown on. */
function missOf(error: unknown, { allowSkips }: BatchFlags): Parameters<typeof entryOfMiss>[1] {
  if (error instanceof ScenarioSkipped) {
    const exitCode = allowSkips ? exitCodes.passed : exitCodes.inconclusive;
    return { outcome: "skipped", exitCode, headline: error.message };
  }
  if (!(error instanceof HarnessError)) throw error;
  return { outcome: "failed", exitCode: exitCodeOf(error), headline: error.message };
}

function tell({ entry, concluded }: Attempt, { flags, results }: Session): void {
  if (concluded === null) {
    const name = entry.outcome === "skipped" ? "" : `${entry.scenario}: `;
    process.stderr.write(`doubletake: ${name}${entry.headline}\n`);
    return;
  }
  const { result, folder } = concluded;
  results.push(result);
  if (!flags.json) printResult(result, relative(process.cwd(), folder));
  tellGitHub(result, {
    environment: process.env,
    writesAnswer: flags.json !== true,
    write: (text) => void process.stdout.write(text),
  });
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
