import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import { rate, tick } from "../number.ts";
import type { MeasuredResult } from "../result.ts";
import { bottomAxis } from "./axis.ts";
import type { Frame } from "./axis.ts";
import type { Drawing } from "./figure.ts";
import { linearScale, linearTop } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { marker, position } from "./series.ts";
import type { Series } from "./series.ts";

export interface RoundsRow {
  readonly series: Series;
  readonly measured: MeasuredResult;
}

const rowHeight = 44;

/** Every round as a mark, strategies one below the other, from zero: how far rounds differ beside how far strategies do. */
export function perRound(rows: readonly RoundsRow[], width: number): Drawing {
  const frame: Frame = { left: 14, right: width - 24, top: 2, bottom: rows.length * rowHeight + 8 };
  const highest = Math.max(0, ...rows.flatMap((row) => row.measured.samples));
  const scale = linearScale(
    { low: 0, high: linearTop(highest), start: frame.left, end: frame.right },
    width > 500 ? 8 : 4,
  );
  const content = markup`
${bottomAxis(frame, scale, tick)}
${rows.map((row, place) => roundsRow(row, scale, place * rowHeight))}`;
  return { height: frame.bottom + 22, content };
}

function roundsRow({ series, measured }: RoundsRow, scale: Scale, top: number): Markup {
  const y = top + 30;
  const marks = measured.samples.map((sample, place) =>
    marker(series, scale.at(sample), y, `round ${place + 1} of ${series.name}: ${rate(sample)}/s`),
  );
  return markup`<g data-strategy="${series.place}"><text class="row-name" x="14" y="${top + 15}">${series.name}</text>${range(measured, scale, y)}${marks}${median(measured, scale, y)}</g>`;
}

/** From the slowest round to the fastest; the interval of few rounds would be wider than the drawing. */
function range({ samples }: MeasuredResult, scale: Scale, y: number): Markup | undefined {
  if (samples.length < 2) return undefined;
  const [low, high] = [Math.min(...samples), Math.max(...samples)];
  return markup`<line class="range" x1="${position(scale.at(low))}" x2="${position(scale.at(high))}" y1="${y}" y2="${y}"/>`;
}

function median(measured: MeasuredResult, scale: Scale, y: number): Markup | undefined {
  if (measured.median === null) return undefined;
  const x = position(scale.at(measured.median));
  return markup`<line class="median" x1="${x}" x2="${x}" y1="${y - 10}" y2="${y + 10}"><title>median ${rate(measured.median)}/s</title></line>`;
}
