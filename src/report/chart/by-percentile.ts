import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { milliseconds, millisecondsTick } from "../number.ts";
import type { StrategyResult } from "../result.ts";
import { bottomAxis, frameTitle, leftAxis } from "./axis.ts";
import type { Frame } from "./axis.ts";
import type { Drawing } from "./figure.ts";
import { linePath } from "./line.ts";
import { logBounds, logScale } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { dot, marker } from "./series.ts";
import type { Series } from "./series.ts";

export interface PercentileLine {
  readonly series: Series;
  readonly distribution: StrategyResult["distribution"];
  readonly count: number;
}

/** Quantiles that carry a marker, and with it the line's shape. */
const marked: ReadonlySet<number> = new Set([0.5, 0.9, 0.99, 0.999, 1]);

/**
 * Latency at rising percentiles on a 1/(1−q) axis, which gives each further nine the same room (as HdrHistogram plots
 * do): what the mean hides is the right half. Beyond what the samples support the line is dotted: single claims.
 */
export function byPercentile(lines: readonly PercentileLine[], width: number): Drawing {
  const frame: Frame = { left: 54, right: width - 24, top: 24, bottom: 264 };
  const most = Math.max(10, ...lines.map((line) => line.count));
  const rarity = logScale({ low: 1, high: most, start: frame.left, end: frame.right });
  const values = lines.flatMap((line) => line.distribution.map(([, ms]) => ms));
  const latency = logScale({ ...logBounds(values), start: frame.bottom, end: frame.top });
  const content = markup`
${leftAxis(frame, latency, millisecondsTick)}
${bottomAxis(frame, { ...rarity, ticks: percentileTicks(most, width) }, percentileTick)}
${frameTitle(frame, "until a claim was granted")}
${lines.map((line) => percentileLine(line, rarity, latency))}`;
  return { height: frame.bottom + 22, content };
}

/** The first two would stand on each other on a phone. */
function percentileTicks(most: number, width: number): number[] {
  const nines = Array.from(
    { length: Math.floor(Math.log10(most)) },
    (_, place) => 10 ** (place + 1),
  );
  return width > 500 ? [1, 2, ...nines] : [2, ...nines];
}

/** 1 → `min`, 10 → `90 %`, 1000 → `99.9 %`. */
export function percentileTick(rarity: number): string {
  return rarity <= 1 ? "min" : `${Number((100 - 100 / rarity).toPrecision(6))} %`;
}

function percentileLine(line: PercentileLine, rarity: Scale, latency: Scale): Markup {
  const supported = supportedQuantile(line.count);
  const points = line.distribution.map(([quantile, ms]) => ({
    quantile,
    ms,
    x: rarity.at(quantile >= 1 ? line.count : Math.min(line.count, 1 / (1 - quantile))),
    y: latency.at(ms),
  }));
  const split = points.findLastIndex((point) => point.quantile <= supported);
  const { className, name, place } = line.series;
  const markers = points.map(({ quantile, ms, x, y }) => {
    const text = `${name} ${quantileName(quantile)}: ${milliseconds(ms)}`;
    return marked.has(quantile) ? marker(line.series, x, y, text) : dot(line.series, x, y, text);
  });
  return markup`<g data-strategy="${place}"><path class="line ${className}" d="${linePath(points.slice(0, split + 1))}"/><path class="line unsupported ${className}" d="${linePath(points.slice(Math.max(0, split)))}"/>${markers}</g>`;
}

function quantileName(quantile: number): string {
  return quantile >= 1 ? "max" : `p${Number((quantile * 100).toPrecision(6))}`;
}

/** The highest quantile that `count` samples support: the inverse of `samplesNeeded`. */
function supportedQuantile(count: number): number {
  return count === 0 ? 0 : 0.025 ** (1 / count);
}
