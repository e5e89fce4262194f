import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import type { Scale } from "./scale.ts";
import { position } from "./series.ts";

/** The rectangle in which values are drawn, in the drawing's coordinates. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Ticks, their numbers and their grid lines below a frame. */
export function bottomAxis(frame: Frame, scale: Scale, text: (value: number) => string): Markup {
  const ticks = scale.ticks.map((tick) => {
    const x = position(scale.at(tick));
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${frame.top}" y2="${frame.bottom}"/><text class="tick" x="${x}" y="${frame.bottom + 15}" text-anchor="middle">${text(tick)}</text>`;
  });
  return markup`<g class="bottom-axis">${ticks}<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${frame.bottom}" y2="${frame.bottom}"/></g>`;
}

/** Ticks, their numbers and their grid lines left of a frame. */
export function leftAxis(frame: Frame, scale: Scale, text: (value: number) => string): Markup {
  const ticks = scale.ticks.map((tick) => {
    const y = position(scale.at(tick));
    return markup`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/><text class="tick" x="${frame.left - 6}" y="${y + 4}" text-anchor="end">${text(tick)}</text>`;
  });
  return markup`<g>${ticks}</g>`;
}

/** What a frame shows, above its left edge. */
export function frameTitle(frame: Frame, text: string): Markup {
  return markup`<text class="frame-title" x="${frame.left}" y="${frame.top - 7}">${text}</text>`;
}
