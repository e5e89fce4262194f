import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import type { ResultFile } from "../report/read-all.ts";
import { differenceText, incomparableFacts, isSameMachine } from "./comparability.ts";
import { comparedMetrics } from "./compared-metric.ts";
import type { Margins } from "./compared-metric.ts";
import { matchScenarios } from "./compared-scenario.ts";
import type { ComparedScenario, MatchedScenarios } from "./compared-scenario.ts";
import type { ComparisonDocument } from "./comparison-result.ts";
import { compareCorrectness } from "./correctness.ts";
import { compareMeasurements, costsAreAdvisory } from "./measurements.ts";
import { outcomeOf } from "./outcome.ts";
import { strategiesInTurns } from "./strategies-in-turns.ts";

/** One side of a comparison: results and the path the user named. */
export interface Side {
  readonly path: string;
  readonly files: readonly ResultFile[];
}

export interface CompareOptions {
  readonly baseline: Side;
  readonly current: Side;
  readonly margins: Margins;
}

/**
 * Correctness first, then what a claim costs, then times. HarnessError (usage), which names every difference, where the
 * two cannot be compared: another scenario, load, PostgreSQL major version, number of CPUs or server setting.
 */
export function compareResults(options: CompareOptions): ComparisonDocument {
  const matched = matchScenarios(options.baseline.files, options.current.files);
  rejectIncomparable(matched, options.current.path);
  return compareMatched(matched, options);
}

/** Two strategies of one run, whose rounds were run in turns. */
export function compareStrategiesOf(
  file: ResultFile,
  names: { readonly baseline: string; readonly current: string },
  margins: Margins,
): ComparisonDocument {
  const scenario = strategiesInTurns(file, names);
  const matched = { scenarios: [scenario], onlyBaseline: [], onlyCurrent: [] };
  const side = (path: string): Side => ({ path, files: [file] });
  return compareMatched(matched, {
    baseline: side(names.baseline),
    current: side(names.current),
    margins,
  });
}

function compareMatched(
  matched: MatchedScenarios,
  { baseline, current, margins }: CompareOptions,
): ComparisonDocument {
  const { scenarios } = matched;
  const correctness = scenarios.map(compareCorrectness);
  const changes = correctness.flatMap((each) => each.changes);
  const metrics = comparedMetrics(margins);
  const comparisons = scenarios.flatMap((scenario) => compareMeasurements(scenario, metrics));
  return {
    schema: 1,
    doubletake: packageVersion(),
    baseline: sideResult(baseline),
    current: sideResult(current),
    ...outcomeOf(changes, comparisons, matched.onlyBaseline),
    unchanged: correctness.reduce((sum, each) => sum + each.unchanged, 0),
    changes,
    comparisons: [...comparisons],
    notes: notesOf(matched),
  };
}

function sideResult({ path, files }: Side): ComparisonDocument["baseline"] {
  return { path, runs: files.map(({ result }) => result.startedAt) };
}

function rejectIncomparable(
  { scenarios, onlyBaseline, onlyCurrent }: MatchedScenarios,
  where: string,
): void {
  if (scenarios.length === 0) {
    const what = `no scenario is on both sides: the baseline has ${onlyBaseline.join(", ")}, the current side ${onlyCurrent.join(", ")}`;
    const hint = "compare two runs of the same scenario";
    throw new HarnessError({ kind: "usage", what, where, hint });
  }
  const texts = new Set(scenarios.flatMap(differenceTexts));
  if (texts.size === 0) return;
  const what = `these results cannot be compared: ${[...texts].join("; ")}`;
  const hint = "run both sides on the same scenario, server and kind of machine";
  throw new HarnessError({ kind: "usage", what, where, hint });
}

/** Against the first result of the baseline, the baseline's others too: a side must be one thing. */
function differenceTexts({ name, baseline, current }: ComparedScenario): string[] {
  const [first, ...rest] = baseline.map(({ result }) => result);
  if (first === undefined) return [];
  const others = [...rest, ...current.map(({ result }) => result)];
  const differences = others.flatMap((other) => incomparableFacts(first, other));
  return differences.map((difference) => `${name}: ${differenceText(difference)}`);
}

function notesOf({ scenarios, onlyBaseline, onlyCurrent }: MatchedScenarios): string[] {
  return [
    ...onlyBaseline.map((name) => `${name} is in the baseline only, and was not compared`),
    ...onlyCurrent.map((name) => `${name} is in the current results only, and was not compared`),
    ...(scenarios.every(({ areInterleaved }) => areInterleaved) ? [] : [timesNote(scenarios)]),
    ...(scenarios.some(costsAreAdvisory) ? [costsNote] : []),
  ];
}

const costsNote =
  "* costs of a scenario with faults are advisory too: they depend on which claims were hit";

function timesNote(scenarios: readonly ComparedScenario[]): string {
  const oneMachine = scenarios.every(({ baseline, current }) =>
    [...baseline, ...current].every(({ result }) =>
      isSameMachine(result, (baseline[0] as ResultFile).result),
    ),
  );
  const why = oneMachine
    ? "the two sides were not run in turns, so what the machine did meanwhile is in them"
    : "the two sides were not run on the same machine";
  return `* advisory, and decides nothing: ${why}`;
}
