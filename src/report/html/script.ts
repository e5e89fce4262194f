import { createHash } from "node:crypto";

import { Markup } from "./markup.ts";
import { lookupScript } from "./script/lookup.ts";
import { timeScript } from "./script/time.ts";
import { toggleScript } from "./script/toggle.ts";
import { valuesScript } from "./script/values.ts";

/**
 * What report.html can do more where scripts are allowed: hide strategies, read values, zoom into time, look a job up.
 * The page is whole without it. It is constant, so that the policy in the page's head can name it by its hash: no
 * other script runs.
 */
export const script = `"use strict";\n${[toggleScript, valuesScript, timeScript, lookupScript].join("\n")}`;

/** As `script-src` of a Content Security Policy names it. */
export const scriptHash = `sha256-${createHash("sha256").update(script).digest("base64")}`;

export function scriptElement(): Markup {
  return new Markup(`<script>${script}</script>`);
}

/** JSON for the script to read; not run by a browser, and unable to end its own element. */
export function dataBlock(id: string, data: unknown): Markup {
  const text = JSON.stringify(data)
    .replaceAll("<", String.raw`\u003c`)
    .replaceAll("\u2028", String.raw`\u2028`)
    .replaceAll("\u2029", String.raw`\u2029`);
  return new Markup(`<script type="application/json" id="${id}">${text}</script>`);
}
