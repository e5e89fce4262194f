import type { Tone } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** A verdict with its symbol, its word and its colour. */
export function standingBadge(
  { symbol, text, tone }: { readonly symbol: string; readonly text: string; readonly tone: Tone },
  className = "",
): Markup {
  return markup`<span class="standing ${tone} ${className}">${symbol} ${text}</span>`;
}
