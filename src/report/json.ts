import { assert } from "../base/assert.ts";
import type { ResultFormat } from "./format.ts";
import { runResultSchema } from "./result.ts";

/** result.json: what every other format is made from, and what other programs read. */
export const json: ResultFormat = {
  kind: "result",
  name: "json",
  isDefault: true,
  render: (result) => ({ "result.json": resultJson(result) }),
};

/** A result as JSON text; one that breaks its own schema is a defect and is never written. */
export function resultJson(result: unknown): string {
  const parsed = runResultSchema.safeParse(result);
  assert(parsed.success, `result.json keeps its schema: ${parsed.error?.message ?? ""}`);
  return `${indented(parsed.data, "")}\n`;
}

/** As JSON.stringify with two spaces, but a list of plain values takes one line: a timeline has hundreds. */
function indented(value: unknown, margin: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${margin}  `;
  if (Array.isArray(value)) {
    if (value.every(isFlat)) return JSON.stringify(value);
    return bracketed(
      "[]",
      margin,
      value.map((item) => indented(item, inner)),
    );
  }
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return bracketed(
    "{}",
    margin,
    entries.map(([key, field]) => `${JSON.stringify(key)}: ${indented(field, inner)}`),
  );
}

function bracketed(brackets: "[]" | "{}", margin: string, items: readonly string[]): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (items.length === 0) return brackets;
  return `${open}\n${items.map((item) => `${margin}  ${item}`).join(",\n")}\n${margin}${close}`;
}

/** A plain value, or a short list of them: a point of a distribution. */
function isFlat(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPlain) : isPlain(value);
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
