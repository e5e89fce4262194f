import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";
import type { Drawing } from "./figure.ts";
import { position } from "./series.ts";

export interface WaitRow {
  readonly name: string;
  readonly place: number;
  readonly states: readonly { readonly event: string; readonly share: number }[];
}

const rowHeight = 46;
const barHeight = 16;
/** About what a character of a label is wide. */
const characterWidth = 6.6;

/**
 * Where the bots' backends were when they were looked at, a bar a strategy, from the most frequent to the least. The
 * parts differ by pattern and carry their names where there is room: colour alone says nothing.
 */
export function waitBars(
  rows: readonly WaitRow[],
  events: readonly string[],
  width: number,
): Drawing {
  const drawn = rows.map((row, place) => waitRow(row, events, { top: place * rowHeight, width }));
  return { height: rows.length * rowHeight + 4, content: markup`${drawn}` };
}

function waitRow(
  { name, place, states }: WaitRow,
  events: readonly string[],
  { top, width }: { readonly top: number; readonly width: number },
): Markup {
  let x = 0;
  const parts = states.map(({ event, share }) => {
    const from = x;
    x += share * width;
    return waitPart({ event, share, from, to: x, top: top + 20, series: events.indexOf(event) });
  });
  return markup`<g data-strategy="${place}"><text class="row-name" x="0" y="${top + 13}">${name}</text>${parts}</g>`;
}

function waitPart(part: {
  readonly event: string;
  readonly share: number;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly series: number;
}): Markup {
  const { event, share, from, to, top } = part;
  const text = `${event} ${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
  const fits = text.length * characterWidth < to - from;
  return markup`<g><rect class="wait wait-${part.series % 6}" x="${position(from)}" y="${top}" width="${position(Math.max(0.5, to - from))}" height="${barHeight}"><title>${text}</title></rect>${fits && markup`<text class="wait-label" x="${position(from + 4)}" y="${top + 12}">${text}</text>`}</g>`;
}
