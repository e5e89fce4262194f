import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";

/**
 * How strategies are told apart in charts: by colour (a class of the style sheet) and by the shape of their marker, so
 * that a reader who sees no colours, and a printer, lose nothing.
 */
export interface Series {
  readonly name: string;
  /** Its place among the strategies: what a reader hides by script is found by it. */
  readonly place: number;
  readonly className: string;
  readonly marker: MarkerShape;
}

const shapes = ["circle", "square", "triangle", "diamond", "cross"] as const;
export type MarkerShape = (typeof shapes)[number];

/** Colours that the style sheet defines; more strategies than that share them, and differ by shape. */
const colours = 6;

export function seriesOf(names: readonly string[]): readonly Series[] {
  return names.map((name, place) => ({
    name,
    place,
    className: `series-${place % colours}`,
    marker: shapes[place % shapes.length] ?? "circle",
  }));
}

/** A marker of about 8 by 8 around a point. */
export function marker(series: Series, x: number, y: number, title?: string): Markup {
  const tip = title === undefined ? undefined : markup`<title>${title}</title>`;
  return markup`<path class="marker ${series.className}" transform="translate(${position(x)} ${position(y)})" d="${outlines[series.marker]}">${tip}</path>`;
}

/** A point of a line that is not marked: to be asked for its value. */
export function dot(series: Series, x: number, y: number, title: string): Markup {
  return markup`<circle class="dot ${series.className}" cx="${position(x)}" cy="${position(y)}" r="2"><title>${title}</title></circle>`;
}

const outlines: Readonly<Record<MarkerShape, string>> = {
  circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
  square: "M-3.6-3.6h7.2v7.2h-7.2z",
  triangle: "M0-4.6L4.4 3.4H-4.4z",
  diamond: "M0-5L5 0L0 5L-5 0z",
  cross: "M-4-1.4h2.6V-4h2.8v2.6H4v2.8H1.4V4h-2.8V1.4H-4z",
};

/** Coordinates with one decimal: a tenth of a pixel is not seen, and the file is half as long. */
export function position(value: number): number {
  return Math.round(value * 10) / 10;
}
