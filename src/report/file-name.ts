/** A name of a strategy as part of a file's name: it may be the path of a file, or anything at all. */
export function fileName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return safe === "" ? "unnamed" : safe.slice(0, 80);
}

/** The same names, those that occur again with a number behind them: `a`, `a-2`. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let candidate = name;
    for (let copy = 2; taken.has(candidate.toLowerCase()); copy++) candidate = `${name}-${copy}`;
    taken.add(candidate.toLowerCase());
    return candidate;
  });
}
