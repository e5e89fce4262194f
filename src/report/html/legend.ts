import { marker } from "../chart/series.ts";
import type { Series } from "../chart/series.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** Which marker is whose. */
export function legend(series: readonly Series[]): Markup {
  const items = series.map(
    (each) =>
      markup`<li data-strategy="${each.place}"><svg aria-hidden="true" width="24" height="12" viewBox="0 0 24 12"><line class="line ${each.className}" x1="0" x2="24" y1="6" y2="6"/>${marker(each, 12, 6)}</svg>${each.name}</li>`,
  );
  return markup`<ul class="legend">${items}</ul>`;
}
