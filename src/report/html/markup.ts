/**
 * HTML and SVG that is safe by construction: the `markup` tag escapes every value that is not itself made by the tag,
 * so nothing that a scenario, a strategy or a database says can become an element or an attribute.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Nothing is written for `undefined`, `null` and `false`; a list is written in order. */
export type MarkupValue = Markup | string | number | undefined | null | false | readonly Markup[];

/** Attribute values must stand in double quotes: `<td title="${note}">`. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const text = parts.map((part, place) =>
    place < values.length ? part + written(values[place]) : part,
  );
  return new Markup(text.join(""));
}

function written(value: MarkupValue): string {
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(written).join("\n");
  return escapedText(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control and bidirectional characters are neither shown nor obeyed. */
function escapedText(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, "�")
    .replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
