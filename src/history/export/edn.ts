/**
 * A value as EDN (github.com/edn-format/edn), on one line: maps with keywords for keys, vectors, strings, numbers, true,
 * false and nil. A key that is left undefined is left out.
 */
export function edn(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (typeof value === "string") return text(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(edn).join(" ")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([name, item]) => `${key(name)} ${edn(item)}`).join(", ")}}`;
}

/** A key that cannot be a keyword is a string. */
function key(name: string): string {
  return isKeyword(name) ? `:${name}` : text(name);
}

export function isKeyword(name: string): boolean {
  return /^[a-zA-Z*!_?<>=$%&][\w*!?<>=$%&.+-]*$/.test(name);
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function text(value: string): string {
  return `"${value.replaceAll(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}
