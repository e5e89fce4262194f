import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { monotonicMs } from "../base/clock.ts";
import { isCrashable } from "../environment/postgres/embedded.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { asDeclared } from "../explore/as-declared.ts";
import type { Counterexample } from "../explore/counterexample/counterexample.ts";
import { counterexampleHtml } from "../explore/counterexample/counterexample-html.ts";
import { counted } from "../explore/counterexample/counterexample-rows.ts";
import { explorationTable } from "../explore/exploration-table.ts";
import { explorationText } from "../explore/exploration-text.ts";
import { exploreStrategy } from "../explore/explore-strategy.ts";
import type {
  Exploration,
  ExploreContext,
  ExploreRequest,
  StrategyExplored,
} from "../explore/explore-strategy.ts";
import { isolationSpec } from "../explore/counterexample/isolation-spec.ts";
import { exploreWithCrashes } from "../explore/crash/explore-with-crashes.ts";
import type { ExploreProgress } from "../explore/progress-file.ts";
import type { Counts } from "../explore/tally.ts";
import { paintFor } from "../report/terminal/paint.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";
import { exitCodes, worstExitCode } from "./exit-code.ts";
import { exploreCoverage } from "./explore-coverage.ts";
import { exploreOptions, wantedOf } from "./explore-options.ts";
import type { ExploreFlags } from "./explore-options.ts";
import { Interruption } from "./interruption.ts";

export function exploreCommand(): Command {
  const command = new Command("explore")
    .description("carries out every interleaving of a claim on a real database, and judges each")
    .argument("[strategies]", "names, .sql files or modules (.mjs), with commas; or all");
  for (const option of exploreOptions) command.addOption(option);
  return command.action(exploreAll);
}

async function exploreAll(names: string | undefined, flags: ExploreFlags): Promise<void> {
  if (flags.coverage !== undefined) return await exploreCoverage(names, flags);
  const { requests, done } = wantedOf(names, flags);
  using interruption = new Interruption("ending the schedule under way, saving what is left");
  const explorations: Exploration[] = [...done];
  await using stack = new Disposal();
  const { signal } = interruption;
  const postgres = stack.use(
    await startPostgres({ server: flags.postgres, settings: {}, image: "postgres:18", signal }),
  );
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const server = isCrashable(postgres) ? postgres : undefined;
  const context = { address: postgres.address, control, signal, server };
  for (const [at, request] of requests.entries()) {
    const explorer = request.crashes ? exploreWithCrashes : exploreStrategy;
    const explored = await explorer(request, withProgress(context, request, flags));
    explorations.push(explored.exploration);
    answer(explored.exploration, flags);
    if (signal.aborted) {
      saveProgress(flags.out, {
        done: explorations.slice(0, -1),
        left: requests.slice(at),
        explored,
      });
      break;
    }
  }
  conclude(explorations, flags, interruption.exitCode);
}

function answer(exploration: Exploration, flags: ExploreFlags): void {
  if (!flags.json && !flags.table)
    process.stdout.write(`${explorationText(exploration, paintFor(process.stdout))}\n`);
  for (const counterexample of exploration.counterexamples) save(counterexample, flags.out);
}

function conclude(
  explorations: readonly Exploration[],
  flags: ExploreFlags,
  interrupted: number | undefined,
): void {
  const [first] = explorations.flatMap(({ counterexamples }) => counterexamples);
  if (flags.spec !== undefined) writeExport(flags.spec, first, isolationSpec);
  if (flags.html !== undefined) writeExport(flags.html, first, counterexampleHtml);
  const codes = explorations.map((each) =>
    flags.asDeclared ? heldCode(each) : exitCodes[each.verdict],
  );
  const exitCode = worstExitCode([...codes, ...(interrupted === undefined ? [] : [interrupted])]);
  process.exitCode = exitCode;
  if (flags.table) process.stdout.write(explorationTable(explorations));
  if (!flags.json) return;
  const document = { schema: 1, doubletake: packageVersion(), exitCode, explorations };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** An exploration whose strategy keeps its word is as it should be, also where that is to be broken. */
function heldCode(exploration: Exploration): number {
  const held = asDeclared(exploration, loadStrategy(exploration.strategy));
  if (held.kind === "borne out") return exitCodes.passed;
  process.stderr.write(`${exploration.strategy} is not as declared: ${held.what}\n`);
  if (held.kind === "not shown") return exitCodes.inconclusive;
  return exploration.declared === "safe" ? exitCodes.violated : exitCodes.expectationMissed;
}

function writeExport(
  file: string,
  counterexample: Counterexample | undefined,
  render: (counterexample: Counterexample) => string,
): void {
  if (counterexample === undefined) {
    process.stderr.write(`doubletake: nothing is broken, so ${file} is not written\n`);
  } else writeText(file, render(counterexample));
}

function save(counterexample: Counterexample, folder: string): void {
  const { strategy, program, bots, property } = counterexample;
  const hasCrash = counterexample.steps.some(({ crash }) => crash !== undefined);
  const name = [
    strategy.reference.replaceAll(/[^\w+-]+/g, "-"),
    program,
    `${bots}-bots`,
    ...(hasCrash ? ["crash"] : []),
    property,
  ];
  const file = join(folder, `${name.join("-")}.json`);
  writeText(file, `${JSON.stringify(counterexample, null, 2)}\n`);
  process.stderr.write(`counterexample: doubletake replay ${file}\n`);
}

function saveProgress(
  folder: string,
  parts: {
    readonly done: readonly Exploration[];
    readonly left: readonly ExploreRequest[];
    readonly explored: StrategyExplored;
  },
): void {
  const left = parts.left.map(({ strategy: _strategy, saved: _saved, ...request }) => request);
  const progress: ExploreProgress = {
    format: "doubletake-exploration",
    version: 1,
    doubletake: packageVersion(),
    done: parts.done,
    left,
    saved: parts.explored.left,
  };
  const file = join(folder, "interrupted.json");
  writeText(file, `${JSON.stringify(progress)}\n`);
  process.stderr.write(`to go on: doubletake explore --resume ${file}\n`);
}

/** HarnessError (environment) where it cannot be written. */
function writeText(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (cause) {
    const what = `cannot be written (${(cause as NodeJS.ErrnoException).code ?? "unknown error"})`;
    throw new HarnessError({ kind: "environment", what, where: file, cause });
  }
}

const tellEveryMs = 2_000;

/** One line now and then on stderr. */
function withProgress(
  context: Omit<ExploreContext, "onSchedule">,
  { reference, bots }: ExploreRequest,
  { quiet }: ExploreFlags,
): ExploreContext {
  if (quiet) return context;
  let tellAtMs = monotonicMs() + tellEveryMs;
  process.stderr.write(`exploring ${reference} with ${counted(bots, "bot")}\n`);
  const onSchedule = ({ complete, broken }: Counts): void => {
    if (monotonicMs() < tellAtMs) return;
    tellAtMs = monotonicMs() + tellEveryMs;
    process.stderr.write(`  ${complete} schedules, ${broken} break a property\n`);
  };
  return { ...context, onSchedule };
}
