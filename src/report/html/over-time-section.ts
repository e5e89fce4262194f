import { figure } from "../chart/figure.ts";
import { overTime } from "../chart/over-time.ts";
import type { Extent } from "../chart/over-time.ts";
import { linearTop, logBounds } from "../chart/scale.ts";
import { seriesOf } from "../chart/series.ts";
import type { Series } from "../chart/series.ts";
import { count, duration, milliseconds, rate, seconds } from "../number.ts";
import type { RunResult, StrategyResult, TimelineResult } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** A strategy that took so many times as long as another gets a time axis of its own, or the other would be a smear. */
const longestOnOneAxis = 5;

/** A drawing of each round of a long run would make a file that no browser opens; result.json has them all. */
const roundsDrawn = 10;

/** The drawings of so many strategies stand open; of a matrix of thirty, those further down are folded. */
const strategiesOpen = 6;

/** Latency and throughput of each round. The first round of every strategy is open to view, the others are folded. */
export function overTimeSection(result: RunResult): Markup | undefined {
  const timelines = result.strategies.flatMap((strategy) => strategy.timeline);
  if (timelines.every((timeline) => timeline.claims.length === 0)) return undefined;
  const series = seriesOf(result.strategies.map((strategy) => strategy.name));
  const extent = extentOf(timelines);
  const figures = result.strategies.map(
    (strategy, place) =>
      markup`<div data-strategy="${place}">${strategyFigures(strategy, series[place] as Series, extent)}</div>`,
  );
  const [open, others] = [figures.slice(0, strategiesOpen), figures.slice(strategiesOpen)];
  const folded =
    others.length > 0 &&
    markup`<details><summary>${others.length} more strategies over time</summary>${others}</details>`;
  return markup`<p class="facts">How long a bot waited until it was granted a claim (p50 solid, p99 dashed, the slowest dotted), and how many claims were granted. The axes of both are the same for all strategies. A percentile is drawn only where an interval has enough claims for it. Faults are the named lanes on top, and the shades and thin lines below them.</p>${open}${folded}`;
}

function extentOf(timelines: readonly TimelineResult[]): Extent {
  const latencies = timelines.flatMap(({ p50, p99, max }) => [...p50, ...p99, ...max]);
  const rates = timelines.flatMap(({ claims, bucketMs }) =>
    claims.map((each) => (each / bucketMs) * 1000),
  );
  return {
    durationMs: Math.max(...timelines.map((timeline) => timeline.durationMs)),
    latencyMs: logBounds(latencies.filter((value) => value !== null)),
    claimsPerSecond: linearTop(Math.max(0, ...rates)),
  };
}

function strategyFigures(strategy: StrategyResult, series: Series, extent: Extent): Markup {
  const drawn = strategy.timeline.slice(0, roundsDrawn);
  const [first, ...others] = drawn.map((timeline, place) =>
    roundFigure({ strategy, series, timeline, extent: onOneAxis(extent, timeline), place }),
  );
  if (first === undefined) return markup`<h3>${strategy.name}</h3><p>No round was recorded.</p>`;
  const folded =
    others.length > 0 &&
    markup`<details><summary>${others.length === 1 ? "One more round" : `${others.length} more rounds`} of ${strategy.name}</summary>${others}</details>`;
  const left = strategy.timeline.length - drawn.length;
  const undrawn =
    left > 0 && markup`<p class="facts">${left} further rounds are in result.json.</p>`;
  return markup`<h3>${strategy.name}</h3>${first}${folded}${undrawn}`;
}

function onOneAxis(extent: Extent, { durationMs }: TimelineResult): Extent {
  const isSmear = durationMs * longestOnOneAxis < extent.durationMs;
  return isSmear ? { ...extent, durationMs } : extent;
}

function roundFigure(parts: {
  readonly strategy: StrategyResult;
  readonly series: Series;
  readonly timeline: TimelineResult;
  readonly extent: Extent;
  readonly place: number;
}): Markup {
  const { strategy, timeline, place } = parts;
  const lanes = strategy.faults
    .map(({ fault, spans }) => ({
      name: fault,
      spans: spans.filter((span) => span.round === timeline.round),
    }))
    .filter((lane) => lane.spans.length > 0);
  const granted = timeline.claims.reduce((sum, claims) => sum + claims, 0);
  const words = `${strategy.name}, round ${place + 1} of ${strategy.rounds}: ${count(granted)} claims in ${duration(timeline.durationMs)}`;
  return figure({
    label: `Latency and throughput over time. ${words}.`,
    caption: markup`${words} (round ${timeline.round} of the run)`,
    draw: (width) => overTime({ ...parts, lanes }, width),
    table: timelineTable(words, timeline),
  });
}

function timelineTable(caption: string, timeline: TimelineResult): Markup {
  const rows = timeline.claims.map((claims, bucket) => [
    seconds(bucket * timeline.bucketMs),
    count(claims),
    rate((claims / timeline.bucketMs) * 1000),
    milliseconds(timeline.p50[bucket] ?? null),
    milliseconds(timeline.p99[bucket] ?? null),
    milliseconds(timeline.max[bucket] ?? null),
    count(timeline.failed[bucket] ?? 0),
  ]);
  const headings = ["from", "claims", "claims/s", "p50", "p99", "slowest", "failed or unknown"];
  return dataTable({ caption, headings, rows });
}
