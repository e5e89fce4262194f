/** A statement with `:name` parameters turned into PostgreSQL's `$1, $2 …`. */
export interface BoundStatement {
  readonly text: string;
  /** `names[0]` is bound to `$1`; a name that stands several times is bound once. */
  readonly names: readonly string[];
}

// What must be passed over, then what is looked for: a name after a single colon (`::` is a cast, `:=` an argument).
const token = new RegExp(
  [
    /--[^\n]*/,
    /\/\*[\s\S]*?\*\//,
    /'(?:[^']|'')*'/,
    /"(?:[^"]|"")*"/,
    /\$([A-Za-z_]*)\$[\s\S]*?\$\1\$/,
    /::/,
    /:([a-z_][a-z0-9_]*)/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** Replaces `:name` outside of strings, quoted identifiers, dollar quotes and comments. */
export function bindNames(sql: string): BoundStatement {
  const names: string[] = [];
  const text = sql.replaceAll(token, (match: string, _tag?: string, name?: string) => {
    if (name === undefined) return match;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}
