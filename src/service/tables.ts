import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { JobRange } from "../history/event.ts";
import { addConstraints } from "./constraints.ts";
import type { ControlDatabase } from "./control-database.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** Empty tables, as new: a round must not inherit dead rows, statistics or claims from the one before. */
export async function freshTables(
  control: ControlDatabase,
  options: { readonly constraints: boolean },
): Promise<void> {
  await control.query("DROP TABLE IF EXISTS effects, bots, jobs CASCADE");
  await control.query(sqlText("schema.sql"));
  await control.query(sqlText("indexes.sql"));
  if (options.constraints) await addConstraints(control);
}

export async function registerBots(
  control: ControlDatabase,
  lifecycle: Lifecycle,
  count: number,
): Promise<void> {
  const { text, values } = lifecycle.statement("register", { count });
  await control.query(text, values);
}

/** Adds jobs; returns their ids. They are acknowledged: from here on none may be lost. */
export async function enqueue(
  control: ControlDatabase,
  lifecycle: Lifecycle,
  count: number,
): Promise<readonly JobRange[]> {
  const { text, values } = lifecycle.statement("enqueue", { count });
  const rows = await control.query(text, values);
  return rangesOf(rows.map((row) => Number(row["job_id"])));
}

/** Fresh statistics and visibility map, so that every round starts with the same plans. */
export async function settleTables(control: ControlDatabase): Promise<void> {
  await control.query("VACUUM (ANALYZE) jobs, bots, effects");
}

function rangesOf(ids: readonly number[]): JobRange[] {
  const ranges: [number, number][] = [];
  for (const id of ids.toSorted((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges;
}

function sqlText(name: string): string {
  return readFileSync(join(packageRoot, "sql", name), "utf8");
}
