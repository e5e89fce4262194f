import type { ControlDatabase } from "../service/control-database.ts";
import type { Strategy } from "../service/strategy.ts";
import { withoutQuoted } from "./sql-text.ts";

/**
 * Whether the bots may stand for each other: they do the same, and nothing but their numbers tells them apart. Then of
 * all schedules that differ only in who is who, one is enough.
 *
 * A statement may store a bot's number, or compare a column of bots' numbers with it; a statement that reckons with it
 * may treat one bot otherwise than the next.
 */
export async function areBotsAlike(control: ControlDatabase, strategy: Strategy): Promise<boolean> {
  const isName = strategy.steps.every(({ bound }) => usesAsName(bound));
  return isName && (await standAlike(control));
}

function usesAsName({ text, names }: Strategy["steps"][number]["bound"]): boolean {
  const place = names.indexOf("bot_id") + 1;
  if (place === 0) return true;
  const parameter = `\\$${place}(?!\\d)`;
  const rest = allowed(parameter).reduce(
    (left, use) => left.replaceAll(use, " "),
    withoutQuoted(text).toLowerCase(),
  );
  return !new RegExp(parameter).test(rest);
}

function allowed(parameter: string): readonly RegExp[] {
  const before = String.raw`(?:\b(?:set|where|and|or|on)\s+|,\s*|\(\s*)`;
  const after = String.raw`(?=\s*(?:$|[,);]|(?:where|and|or|returning|from|order|limit|for)\b))`;
  const column = String.raw`(?:\w+\.)?(?:claimed_by|bot_id)|bots\.id`;
  return [
    new RegExp(`${before}(?:${column})\\s*=\\s*${parameter}${after}`, "g"),
    new RegExp(
      String.raw`\bupdate\s+bots\s+set\b(?:(?!\b(?:where|select)\b)[^;])*\bwhere\s+id\s*=\s*${parameter}${after}`,
      "g",
    ),
  ];
}

/** At the beginning no row but a bot's own tells of a bot. */
async function standAlike(control: ControlDatabase): Promise<boolean> {
  const others = await control.query(
    `SELECT quote_ident(relname) AS name FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
        AND relname NOT IN ('jobs', 'bots')`,
  );
  for (const { name } of others) {
    const [row] = await control.query(`SELECT EXISTS (SELECT FROM ${String(name)}) AS is_filled`);
    if (row?.["is_filled"] === true) return false;
  }
  const [row] = await control.query(
    `SELECT (SELECT count(DISTINCT to_jsonb(b) - 'id' - 'name' - 'last_seen_at') <= 1 FROM bots b)
        AND NOT EXISTS (SELECT FROM jobs WHERE claimed_by IS NOT NULL) AS are_alike`,
  );
  return row?.["are_alike"] === true;
}
