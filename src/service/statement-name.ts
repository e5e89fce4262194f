import type { Statement } from "./bot-connection.ts";

/** For people: the step of the strategy, which is the same everywhere ("naive/find" → "find"), or the text's first word. */
export function statementName({ name, text }: Pick<Statement, "name" | "text">): string {
  if (name !== undefined) return name.replace(/^.*\//, "");
  return /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? "statement";
}
