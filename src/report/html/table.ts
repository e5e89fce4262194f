import { markup } from "./markup.ts";
import type { Markup, MarkupValue } from "./markup.ts";

export interface TableParts {
  /** Says what the table shows to those who jump to it. */
  readonly caption: string;
  readonly headings: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly (Markup | string)[])[];
  readonly className?: string;
}

/** A table that scrolls on its own where the page is too narrow; reachable by keyboard, as a scrolling region must be. */
export function dataTable({ caption, headings, rows, className = "" }: TableParts): Markup {
  return scrolling(
    caption,
    markup`<table class="${className}"><caption>${caption}</caption>
<thead><tr>${headings.map((heading) => markup`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map((cell, place) => bodyCell(cell, place))}</tr>`)}
</tbody></table>`,
  );
}

export function scrolling(label: string, content: Markup): Markup {
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

function bodyCell(cell: MarkupValue, place: number): Markup {
  return place === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td>${cell}</td>`;
}
