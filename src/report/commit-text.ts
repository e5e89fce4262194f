import type { Violation } from "./result.ts";

type Commit = NonNullable<Violation["commits"]>[number];

/** `job 17 claimed, bot 4, attempt 1` or `bot 4 points at job 17`: a row as the database's change left it. */
export function commitText(change: Commit): string {
  const { of, status, bot, job, attempt } = change;
  if (of === "bot") {
    return job === null || job === undefined
      ? `bot ${text(bot)} points at no job`
      : `bot ${text(bot)} points at job ${text(job)}`;
  }
  const holder = typeof bot === "number" ? `, bot ${bot}` : "";
  const under = typeof attempt === "number" ? `, attempt ${attempt}` : "";
  return `job ${text(job)} ${text(status ?? change["kind"])}${holder}${under}`;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}
