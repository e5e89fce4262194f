import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { milliseconds, millisecondsTick } from "../number.ts";
import { bottomAxis, frameTitle, leftAxis } from "./axis.ts";
import type { Frame } from "./axis.ts";
import type { PercentileLine } from "./by-percentile.ts";
import type { Drawing } from "./figure.ts";
import { linePath } from "./line.ts";
import { linearScale, logBounds, logScale } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { dot, marker } from "./series.ts";

/** Quantiles that carry a marker: a line is told by it where two of them run together. */
const marked: ReadonlySet<number> = new Set([0.1, 0.5, 0.9]);

/**
 * The share of claims that were granted within a time (the empirical distribution function), one line a strategy: the
 * further left and up, the better. Where two lines cross, one strategy is better for some claims and worse for others.
 */
export function ecdf(lines: readonly PercentileLine[], width: number): Drawing {
  const frame: Frame = { left: 54, right: width - 24, top: 24, bottom: 224 };
  const values = lines.flatMap((line) => line.distribution.map(([, ms]) => ms));
  const latency = logScale({ ...logBounds(values), start: frame.left, end: frame.right });
  const share = linearScale({ low: 0, high: 1, start: frame.bottom, end: frame.top }, 5);
  const ticks = width > 500 ? latency.ticks : sparse(latency.ticks);
  const content = markup`
${leftAxis(frame, share, (value) => `${Math.round(value * 100)} %`)}
${bottomAxis(frame, { ...latency, ticks }, millisecondsTick)}
${frameTitle(frame, "share of claims granted within")}
${lines.map((line) => shareLine(line, latency, share))}`;
  return { height: frame.bottom + 22, content };
}

/** Every third on a phone: 1, 10, 100 where the axis is ticked at 1, 2, 5. */
function sparse(ticks: readonly number[]): readonly number[] {
  return ticks.length <= 5 ? ticks : ticks.filter((_, place) => place % 3 === 0);
}

function shareLine(line: PercentileLine, latency: Scale, share: Scale): Markup {
  const { className, name, place } = line.series;
  const points = line.distribution.map(([quantile, ms]) => ({
    quantile,
    ms,
    x: latency.at(ms),
    y: share.at(quantile),
  }));
  const marks = points.map(({ quantile, ms, x, y }) => {
    const text = `${name}: ${shareText(quantile)} within ${milliseconds(ms)}`;
    return marked.has(quantile) ? marker(line.series, x, y, text) : dot(line.series, x, y, text);
  });
  return markup`<g data-strategy="${place}"><path class="line ${className}" d="${linePath(points)}"/>${marks}</g>`;
}

function shareText(quantile: number): string {
  return `${Number((quantile * 100).toPrecision(5))} % of claims`;
}
