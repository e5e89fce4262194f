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

/**
 * Colours for a terminal that has them. `FORCE_COLOR` asks for them elsewhere too, `NO_COLOR` refuses them; the former
 * wins, as it does in Node. `hasColors` knows what TERM can.
 */
export function paintFor(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "hasColors">,
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): Paint {
  const { FORCE_COLOR: force, NO_COLOR: refuse } = environment;
  if (force !== undefined) return force === "0" || force === "false" ? plain : coloured;
  if (refuse !== undefined && refuse !== "") return plain;
  return stream.isTTY && stream.hasColors() ? coloured : plain;
}
