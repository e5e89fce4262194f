import type { Statement } from "./bot-connection.ts";

/**
 * For people: the step of the strategy, which is the same everywhere ("naive/find" → "find"); of a statement without a
 * name its first word and the table it begins with ("select queue").
 */
export function statementName({ name, text }: Pick<Statement, "name" | "text">): string {
  if (name !== undefined && name !== "") return name.replace(/^.*\//, "");
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? "statement";
  const table = /\b(?:from|into|update)\s+(?:only\s+)?"?([\w.]+)/i.exec(text)?.[1];
  return table === undefined || ends.has(verb) ? verb : `${verb} ${table}`;
}

/** They name no table; a comment after them might. */
const ends = new Set(["begin", "start", "commit", "end", "rollback", "abort"]);
