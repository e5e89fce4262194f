import { styleText } from "node:util";

import type { Tone } from "../standing.ts";

export type Style = Tone | "strong" | "faint";

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

const formats = {
  good: "green",
  bad: "red",
  unsure: "yellow",
  strong: "bold",
  faint: "dim",
} as const;

// Whether to colour was decided by `paintFor`; styleText is not to ask process.stdout again.
export const coloured: Paint = (style, text) =>
  styleText(formats[style], text, { validateStream: false });

/** Colours for a terminal that has them. `hasColors` knows NO_COLOR, FORCE_COLOR and TERM=dumb. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? coloured : plain;
}
