import type { Format } from "./format.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { markdown } from "./markdown.ts";
import { terminal } from "./terminal.ts";

/** Every way to write a result, by the name `report --format` takes. A new one is one file and one line here. */
export const formats = { json, terminal, markdown, html } satisfies Readonly<
  Record<string, Format>
>;
export type FormatName = keyof typeof formats;
