/** What stands for something else than it says: strings, quoted names, dollar quotes and comments. */
const quoted = new RegExp(
  [
    /--[^\n]*/,
    /\/\*[\s\S]*?\*\//,
    /\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'/,
    /'(?:[^']|'')*'/,
    /"(?:[^"]|"")*"/,
    /\$([A-Za-z_]*)\$[\s\S]*?\$\1\$/,
    /\$(\d+)/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** A name that no function has, so that a quoted one is never taken for one that is known. */
export const someName = " quoted_name ";

/** The statement with comments blank, strings empty, and quoted names replaced by one that nobody knows. */
export function withoutQuoted(sql: string): string {
  return sql.replaceAll(quoted, (match: string, _tag?: string, number?: string) => {
    if (number !== undefined) return match;
    if (match.startsWith('"')) return someName;
    return /^[eE$']/.test(match) ? "''" : " ";
  });
}

/** The statement with its parameters `$1, $2 …` written out, as a tool needs it that cannot bind any. */
export function withValues(sql: string, values: readonly unknown[]): string {
  return sql.replaceAll(quoted, (match: string, _tag?: string, number?: string) =>
    number === undefined ? match : literal(values[Number(number) - 1]),
  );
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number" && Number.isFinite(value)) {
    return value < 0 ? `(${value})` : String(value);
  }
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(", ")}]`;
  const told = typeof value === "string" ? value : JSON.stringify(value);
  const text = told.replaceAll("'", "''");
  return text.includes("\\") ? `E'${text.replaceAll("\\", "\\\\")}'` : `'${text}'`;
}
