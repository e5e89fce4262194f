import { relative } from "node:path";
import { Command, Option } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { compareResults, compareStrategiesOf } from "../compare/compare-results.ts";
import { defaultMargins } from "../compare/compared-metric.ts";
import type { Margins } from "../compare/compared-metric.ts";
import type { ComparisonDocument } from "../compare/comparison-result.ts";
import { markdownComparison } from "../compare/markdown.ts";
import { terminalComparison } from "../compare/terminal.ts";
import { readResults } from "../report/read-all.ts";
import { paintFor } from "../report/terminal/paint.ts";
import { strategyName } from "../scenario/strategy-name.ts";
import { runInTurns } from "./compare-live.ts";
import { runOptions } from "./run-options.ts";
import type { RunFlags } from "./run-options.ts";

export interface CompareFlags extends RunFlags {
  readonly scenario?: string;
  readonly costMargin?: number;
  readonly timeMargin?: number;
  readonly markdown?: boolean;
}

const usualColumns = 100;

/** Options of `run` that a comparison which runs something takes too. */
const liveOptions = new Set([
  "seed",
  "rounds",
  "duration",
  "postgres",
  "toxiproxy",
  "out",
  "quiet",
]);

export function compareCommand(): Command {
  const command = new Command("compare")
    .description(
      "tells what is better, the same or worse between two results, or two strategies run in turns now",
    )
    .argument(
      "<baseline>",
      "a result.json, a run folder, a folder of runs; with --scenario: a strategy, or a module",
    )
    .argument("<current>", "the same kind of thing")
    .option("--scenario <file>", "run both strategies on this scenario now, in turns")
    .addOption(
      percentOption("cost", "statements, round trips, WAL and buffers", defaultMargins.cost),
    )
    .addOption(
      percentOption("time", "claims/s and latencies (p99: twice that)", defaultMargins.time),
    )
    .addOption(
      new Option("--markdown", "print Markdown for a comment on a pull request").conflicts("json"),
    )
    .option("--json", "print one JSON document on stdout");
  for (const option of runOptions.filter((each) => liveOptions.has(each.name()))) {
    command.addOption(option);
  }
  return command.action(compare);
}

function percentOption(name: string, what: string, usual: number): Option {
  const text = `differences of ${what} that do not matter (default: ${usual * 100}%)`;
  return new Option(`--${name}-margin <percent>`, text).argParser((value) =>
    fraction(`--${name}-margin`, value),
  );
}

function fraction(flag: string, text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1]);
  if (percent > 0 && percent <= 1_000) return percent / 100;
  const what = `"${text}" is not a percentage above 0`;
  throw new HarnessError({ kind: "usage", what, where: flag, hint: `for example ${flag} 5%` });
}

async function compare(baseline: string, current: string, flags: CompareFlags): Promise<void> {
  const margins: Margins = {
    cost: flags.costMargin ?? defaultMargins.cost,
    time: flags.timeMargin ?? defaultMargins.time,
  };
  const comparison =
    flags.scenario === undefined
      ? await compareRecorded(baseline, current, margins)
      : await compareNow({ baseline, current, scenario: flags.scenario }, { margins, flags });
  if (comparison === null) return;
  process.stdout.write(rendered(comparison, flags));
  process.exitCode = comparison.exitCode;
}

interface Settings {
  readonly margins: Margins;
  readonly flags: CompareFlags;
}

async function compareRecorded(
  baseline: string,
  current: string,
  margins: Margins,
): Promise<ComparisonDocument> {
  const [before, now] = await Promise.all([readResults(baseline), readResults(current)]);
  return compareResults({
    baseline: { path: baseline, files: before },
    current: { path: current, files: now },
    margins,
  });
}

/** Null where the run was interrupted: the exit code is set, and half a comparison is none. */
async function compareNow(
  { baseline, current, scenario }: { baseline: string; current: string; scenario: string },
  { margins, flags }: Settings,
): Promise<ComparisonDocument | null> {
  const run = await runInTurns({ strategies: [baseline, current], scenario, flags });
  if (run === null) return null;
  process.stderr.write(`recorded in ${relative(process.cwd(), run.path)}\n`);
  const names = { baseline: strategyName(baseline), current: strategyName(current) };
  return compareStrategiesOf(run, names, margins);
}

function rendered(comparison: ComparisonDocument, { json, markdown }: CompareFlags): string {
  if (json) return `${JSON.stringify(comparison, null, 2)}\n`;
  if (markdown) return markdownComparison(comparison);
  const columns = process.stdout.columns ?? usualColumns;
  return terminalComparison(comparison, { paint: paintFor(process.stdout), columns });
}
