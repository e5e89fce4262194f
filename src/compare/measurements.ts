import type { ResultFile } from "../report/read-all.ts";
import { equivalenceDecision } from "../stats/equivalence.ts";
import { geometricMean } from "../stats/geometric-mean.ts";
import { pairedLogRatio } from "../stats/paired-log-ratio.ts";
import { unpairedLogRatio } from "../stats/unpaired-log-ratio.ts";
import type { ComparedMetric } from "./compared-metric.ts";
import type { ComparedScenario } from "./compared-scenario.ts";
import type { ComparedResult } from "./comparison-result.ts";
import { samplesOf } from "./samples.ts";

/** So many runs of a side are samples of their own; below, the rounds inside them must do. */
const enoughRuns = 3;

/** Every metric of every strategy that both sides of a scenario have, current divided by baseline. */
export function compareMeasurements(
  scenario: ComparedScenario,
  metrics: readonly ComparedMetric[],
): readonly ComparedResult[] {
  return strategyNames(scenario).flatMap((strategy) =>
    metrics.flatMap((metric) => compareMetric(scenario, strategy, metric)),
  );
}

function strategyNames({ baseline, current }: ComparedScenario): readonly string[] {
  const before = new Set(baseline.flatMap(namesOf));
  return [...new Set(current.flatMap(namesOf))].filter((name) => before.has(name));
}

function namesOf({ result }: ResultFile): readonly string[] {
  return result.strategies.map(({ name }) => name);
}

function compareMetric(
  scenario: ComparedScenario,
  strategy: string,
  metric: ComparedMetric,
): ComparedResult[] {
  const before = scenario.baseline.map(({ result }) => samplesOf(result, strategy, metric.name));
  const now = scenario.current.map(({ result }) => samplesOf(result, strategy, metric.name));
  if (before.flat().length === 0 || now.flat().length === 0) return [];
  return [
    comparedResult({
      scenario: scenario.name,
      strategy,
      metric,
      samples: ratioOf(before, now, scenario.areInterleaved),
      baselineMean: geometricMean(before.flat()),
      currentMean: geometricMean(now.flat()),
      advisory: isControl(scenario, strategy) || isAdvisory(scenario, metric),
    }),
  ];
}

/** What two sides of one metric come to; `pairs` is 0 where they were not run side by side. */
interface Ratio {
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly pairs: number;
}

/**
 * Runs in turns are paired; several runs of each side are compared as runs; one or two by the rounds in them, which
 * scatter less than runs do.
 */
function ratioOf(
  before: readonly (readonly number[])[],
  now: readonly (readonly number[])[],
  areInterleaved: boolean,
): Ratio {
  if ([before, now].every((runs) => runs.flat().every((value) => value === 0))) {
    // Nothing was spent on either side, which is the same, and has no logarithm.
    return { ratio: 1, low: 1, high: 1, pairs: 0 };
  }
  const [runsBefore, runsNow] = [before.map(geometricMean), now.map(geometricMean)];
  const areWhole = isWhole(runsBefore) && isWhole(runsNow);
  if (areInterleaved && areWhole) return pairedLogRatio(runsNow, runsBefore);
  const byRuns = areWhole && Math.min(before.length, now.length) >= enoughRuns;
  const unpaired = byRuns
    ? unpairedLogRatio(runsNow, runsBefore)
    : unpairedLogRatio(now.flat(), before.flat());
  return { ...unpaired, pairs: 0 };
}

function isWhole(means: readonly (number | null)[]): means is readonly number[] {
  return means.every((mean) => mean !== null);
}

/** What a control costs is nobody's regression: it is there to be caught. */
function isControl({ current }: ComparedScenario, name: string): boolean {
  return current.some(({ result }) =>
    result.strategies.some((strategy) => strategy.name === name && strategy.role === "control"),
  );
}

/** A time counts where both sides were run in turns on one machine. */
function isAdvisory(scenario: ComparedScenario, { kind }: ComparedMetric): boolean {
  if (scenario.areInterleaved) return false;
  return kind === "time" || costsAreAdvisory(scenario);
}

/** What a claim costs is the same on any machine, but not where faults land at random: it depends on whom they hit. */
export function costsAreAdvisory({ areInterleaved, baseline, current }: ComparedScenario): boolean {
  if (areInterleaved) return false;
  return [...baseline, ...current].some(({ result }) =>
    result.strategies.some(({ faults }) => faults.length > 0),
  );
}

function comparedResult(parts: {
  readonly scenario: string;
  readonly strategy: string;
  readonly metric: ComparedMetric;
  readonly samples: Ratio;
  readonly baselineMean: number | null;
  readonly currentMean: number | null;
  readonly advisory: boolean;
}): ComparedResult {
  const { metric, samples, ...rest } = parts;
  const { ratio, pairs } = samples;
  // One count on each side has no interval and needs none: it is what was counted.
  const isCount = metric.kind === "cost" && ratio !== null && samples.low === null;
  const [low, high] = isCount ? [ratio, ratio] : [samples.low, samples.high];
  const interval = low === null || high === null ? { low: null, high: null } : { low, high };
  return {
    ...rest,
    metric: metric.name,
    subject: "current",
    control: "baseline",
    ratio,
    ...interval,
    significant: interval.low !== null && (interval.low > 1 || interval.high < 1),
    pairs,
    margin: metric.margin,
    decision: equivalenceDecision(interval, metric),
  };
}
