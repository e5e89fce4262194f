import { markup } from "../html/markup.ts";
import type { Markup } from "../html/markup.ts";

/** A drawing of a given width, in pixels of text 12 high. */
export interface Drawing {
  readonly height: number;
  readonly content: Markup;
  /** Where it has an axis of time: what a script needs to zoom it, and to read values at a moment. */
  readonly time?: TimeAxis | undefined;
}

/** Position `left` is 0 ms, `right` is `durationMs`. */
export interface TimeAxis {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly durationMs: number;
  readonly bucketMs: number;
}

export interface FigureParts {
  /** The whole message in words, for those who do not see the drawing. */
  readonly label: string;
  readonly caption?: Markup | undefined;
  /** Called for a page and for a phone: a scaled drawing would have unreadable letters. */
  readonly draw: (width: number) => Drawing;
  /** The same numbers as a table. */
  readonly table?: Markup | undefined;
}

const pageWidth = 900;
const phoneWidth = 350;

/** A drawing in two widths, of which the style sheet shows one, with its numbers beside it. */
export function figure({ label, caption, draw, table }: FigureParts): Markup {
  return markup`<figure>
${svg({ label, className: "for-page", width: pageWidth, drawing: draw(pageWidth) })}
${svg({ label, className: "for-phone", width: phoneWidth, drawing: draw(phoneWidth) })}
${caption && markup`<figcaption>${caption}</figcaption>`}
${table && markup`<details class="numbers"><summary>The numbers</summary>${table}</details>`}
</figure>`;
}

function svg(parts: {
  readonly label: string;
  readonly className: string;
  readonly width: number;
  readonly drawing: Drawing;
}): Markup {
  const { width, drawing } = parts;
  const height = Math.ceil(drawing.height);
  return markup`<svg class="${parts.className}" role="img" aria-label="${parts.label}"${drawing.time && timeData(drawing.time)} viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
${drawing.content}
</svg>`;
}

function timeData(time: TimeAxis): Markup {
  const { left, right, top, bottom, durationMs, bucketMs } = time;
  return markup` data-time="${[left, right, top, bottom, durationMs, bucketMs].join(" ")}"`;
}
