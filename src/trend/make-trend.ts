import { dirname, relative } from "node:path";

import { packageVersion } from "../base/package-root.ts";
import { comparableFacts } from "../compare/comparability.ts";
import { comparedMetrics, defaultMargins } from "../compare/compared-metric.ts";
import type { ComparedMetric } from "../compare/compared-metric.ts";
import { samplesOf } from "../compare/samples.ts";
import type { ResultFile } from "../report/read-all.ts";
import { changePoints, longestSeries } from "../stats/change-points.ts";
import { geometricMean } from "../stats/geometric-mean.ts";
import { summarizeRounds } from "../stats/rounds-summary.ts";
import type { Trend, TrendChange, TrendPoint, TrendSeries } from "./trend-result.ts";

/** Every metric of every strategy over all runs at a path, the oldest first, and where it changed. Pure. */
export function makeTrend(path: string, files: readonly ResultFile[]): Trend {
  const all = files.flatMap((file) => numbersOf(file, path));
  const groups = new Map<string, Numbers[]>();
  for (const numbers of all) {
    const { scenario, strategy, metric, ranOn } = numbers;
    const key = JSON.stringify([scenario, strategy, metric.name, ranOn]);
    groups.set(key, [...(groups.get(key) ?? []), numbers]);
  }
  const cut = [...groups.values()].filter((group) => group.length > longestSeries);
  return {
    schema: 1,
    doubletake: packageVersion(),
    path,
    runs: files.length,
    series: [...groups.values()].map((group) => seriesOf(group.slice(-longestSeries))),
    notes: cut.length === 0 ? [] : [`only the latest ${longestSeries} runs of a series are shown`],
  };
}

/** One metric of one strategy in one run. */
interface Numbers {
  readonly scenario: string;
  readonly strategy: string;
  readonly metric: ComparedMetric;
  readonly ranOn: string;
  readonly point: TrendPoint;
}

function numbersOf(file: ResultFile, root: string): Numbers[] {
  const { result } = file;
  const { startedAt, verdict } = result;
  const path = relative(root, dirname(file.path)) || ".";
  const ranOn = comparableFacts(result);
  return result.strategies.flatMap((strategy) =>
    comparedMetrics(defaultMargins).flatMap((metric) => {
      const samples = samplesOf(result, strategy.name, metric.name);
      const value = geometricMean(samples);
      // A run that stood still has no place on a scale of ratios; its verdict tells of it.
      if (value === null) return [];
      const { low, high } = summarizeRounds(samples);
      const point: TrendPoint = { startedAt, path, verdict, value, low, high };
      const scenario = result.scenario.name;
      return [{ scenario, strategy: strategy.name, metric, ranOn, point }];
    }),
  );
}

function seriesOf(group: readonly Numbers[]): TrendSeries {
  const { scenario, strategy, metric, ranOn } = group[0] as Numbers;
  const points = group.map(({ point }) => point);
  const { name, better } = metric;
  return {
    scenario,
    strategy,
    metric: name,
    better,
    ranOn,
    points,
    changePoints: changesOf(points, better),
  };
}

/** On the logarithms: a level is a factor of the one before, and times scatter by factors. */
function changesOf(points: readonly TrendPoint[], better: "higher" | "lower"): TrendChange[] {
  const logs = points.map(({ value }) => Math.log(value));
  const found = changePoints(logs);
  return found.map(({ index, p }, place) => {
    const before = level(points, found[place - 1]?.index ?? 0, index);
    const after = level(points, index, found[place + 1]?.index ?? points.length);
    const ratio = after / before;
    const isBetter = ratio > 1 === (better === "higher");
    const { startedAt } = points[index] as TrendPoint;
    const direction = isBetter ? "better" : "worse";
    return { index, startedAt, before, after, ratio, direction, p };
  });
}

function level(points: readonly TrendPoint[], from: number, to: number): number {
  return geometricMean(points.slice(from, to).map(({ value }) => value)) as number;
}
