import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { EnqueueDetail } from "../history/event.ts";
import { rangesOf } from "../history/job-set.ts";
import { addConstraints } from "./constraints.ts";
import type { ControlDatabase, Row } from "./control-database.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { setUpStrategy } from "./strategy-setup.ts";
import type { StrategySetUp } from "./strategy-setup.ts";

export interface FreshTables {
  readonly constraints: boolean;
  /** Whose set-up is run and whose tables take the place of the reference's; absent: nobody's. */
  readonly strategy?: StrategySetUp;
}

/**
 * Empty tables, as new: a round must not inherit dead rows, statistics or claims from the one before. HarnessError
 * (usage) with `file:line` where the strategy's set-up or its tables are wrong.
 */
export async function freshTables(control: ControlDatabase, options: FreshTables): Promise<void> {
  await control.query(sqlText("empty.sql"));
  await control.query(sqlText("schema.sql"));
  if (options.strategy !== undefined) await setUpStrategy(control, options.strategy);
  // Whoever brings a table of jobs brings its indexes: ours would make it faster than it is.
  if (!bringsJobs(options)) await control.query(sqlText("indexes.sql"));
  if (options.constraints) await addConstraints(control);
}

function bringsJobs({ strategy }: FreshTables): boolean {
  return strategy?.tables.some(({ table }) => table === "jobs") ?? false;
}

export async function registerBots(
  control: ControlDatabase,
  lifecycle: Lifecycle,
  count: number,
): Promise<void> {
  const { text, values } = lifecycle.statement("register", { count });
  await control.query(text, values);
}

/** What distinguishes jobs: lists that are dealt out to them over and over again. */
export interface JobDeck {
  readonly types?: readonly string[];
  readonly priorities?: readonly number[];
  readonly keys?: readonly string[];
  readonly maxAttempts?: number;
}

/** Adds jobs; returns their ids, and which of them share a key. They are acknowledged: from here on none may be lost. */
export async function enqueue(
  control: ControlDatabase,
  lifecycle: Lifecycle,
  count: number,
  deck: JobDeck = {},
): Promise<EnqueueDetail> {
  const { maxAttempts, ...lists } = deck;
  const dealt = { count, ...lists, max_attempts: maxAttempts };
  const { text, values } = lifecycle.statement("enqueue", dealt);
  const rows = await control.query(text, values);
  const keys = byKey(rows);
  return {
    jobs: rangesOf(rows.map((row) => Number(row["job_id"]))),
    ...(keys.length === 0 ? {} : { keys }),
  };
}

/**
 * Fresh statistics and visibility map, so that every round starts with the same plans. On a server of our own also a
 * checkpoint: one that fell due in the middle of a round would be paid by whoever plays then.
 */
export async function settleTables(
  control: ControlDatabase,
  { isOurs = false }: { readonly isOurs?: boolean } = {},
): Promise<void> {
  await control.query("VACUUM (ANALYZE) jobs, bots, effects");
  if (isOurs) await control.query("CHECKPOINT");
}

/** Which jobs have which key. */
function byKey(rows: readonly Row[]): NonNullable<EnqueueDetail["keys"]> {
  const ids = new Map<string, number[]>();
  for (const row of rows) {
    const key = row["key"];
    if (typeof key !== "string") continue;
    const known = ids.get(key) ?? [];
    known.push(Number(row["job_id"]));
    ids.set(key, known);
  }
  return [...ids].map(([key, jobs]) => ({ key, jobs: rangesOf(jobs) }));
}

function sqlText(name: string): string {
  return readFileSync(join(packageRoot, "sql", name), "utf8");
}
