import { valueText } from "../compare/comparison-text.ts";
import { bottomAxis, leftAxis } from "../report/chart/axis.ts";
import type { Frame } from "../report/chart/axis.ts";
import type { Drawing } from "../report/chart/figure.ts";
import { linePath } from "../report/chart/line.ts";
import { linearScale, linearTop } from "../report/chart/scale.ts";
import type { Scale } from "../report/chart/scale.ts";
import { marker, position, seriesOf } from "../report/chart/series.ts";
import { markup } from "../report/html/markup.ts";
import type { Markup } from "../report/html/markup.ts";
import { day, percentText } from "./trend-text.ts";
import type { TrendChange, TrendPoint, TrendSeries } from "./trend-result.ts";

const height = 150;

/**
 * One number per run, from zero, with the intervals of the runs, a step for each level and a line where it changed:
 *
 * ```
 *   ──•─•──•─•──┊          ┊ −12 %
 *               ┊•──•─•──•─
 * ```
 */
export function trendChart(series: TrendSeries, width: number): Drawing {
  const frame: Frame = { left: 64, right: width - 24, top: 18, bottom: 18 + height };
  const { points } = series;
  const highest = Math.max(...points.map(({ value, high }) => Math.max(value, high ?? value)));
  // An interval of two rounds can be many times as high as the values; the values are what the drawing is for.
  const top = Math.min(highest, 1.6 * Math.max(...points.map(({ value }) => value)));
  const y = linearScale({ low: 0, high: linearTop(top), start: frame.bottom, end: frame.top }, 4);
  const x = linearScale(
    { low: 0, high: Math.max(1, points.length - 1), start: frame.left + 8, end: frame.right - 8 },
    width > 500 ? 8 : 4,
  );
  const whole: Scale = { ...x, ticks: x.ticks.filter((tick) => Number.isInteger(tick)) };
  const content = markup`
${leftAxis(frame, y, (tick) => valueText(series.metric, tick))}
${bottomAxis(frame, whole, (tick) => day(points[tick]?.startedAt ?? ""))}
${points.map((point, index) => interval(point, x.at(index), y))}
${levels(series, x, y)}
${points.map((point, index) => dot(series, point, { x: x.at(index), y: y.at(point.value) }))}
${series.changePoints.map((change) => changeLine(change, x, frame))}`;
  return { height: frame.bottom + 22, content };
}

function interval({ low, high }: TrendPoint, x: number, y: Scale): Markup {
  if (low === null || high === null) return markup``;
  const at = position(x);
  return markup`<line class="range" x1="${at}" x2="${at}" y1="${position(y.at(low))}" y2="${position(y.at(high))}"/>`;
}

/** The mean of each level as a line, so that a change can be seen without reading its number. */
function levels({ changePoints, points }: TrendSeries, x: Scale, y: Scale): Markup[] {
  const cuts = [0, ...changePoints.map(({ index }) => index), points.length];
  const means = [...changePoints.map(({ before }) => before), changePoints.at(-1)?.after];
  return means.flatMap((mean, place) => {
    if (mean === undefined) return [];
    const [from, to] = [cuts[place] as number, (cuts[place + 1] as number) - 1];
    const ends = [from, to].map((index) => ({ x: x.at(index), y: y.at(mean) }));
    return [markup`<path class="line series-0" d="${linePath(ends)}"/>`];
  });
}

/** Shape and colour tell the verdict, and so does the text that a pointer brings up. */
function dot(series: TrendSeries, point: TrendPoint, at: { x: number; y: number }): Markup {
  const [passed, violated, inconclusive] = seriesOf(["passed", "violated", "inconclusive"]);
  const look = { passed, violated, inconclusive }[point.verdict];
  const text = `${day(point.startedAt)}: ${valueText(series.metric, point.value)}, ${point.verdict}`;
  return look === undefined ? markup`` : marker(look, at.x, at.y, text);
}

function changeLine({ index, ratio }: TrendChange, x: Scale, frame: Frame): Markup {
  const at = position((x.at(index - 1) + x.at(index)) / 2);
  return markup`<g><line class="second-grant" x1="${at}" x2="${at}" y1="${frame.top}" y2="${frame.bottom}"/><text x="${at}" y="${frame.top - 5}" text-anchor="middle">${percentText(ratio)}</text></g>`;
}
