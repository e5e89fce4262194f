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
  await emptySchema(control);
  await control.query(sqlText("schema.sql"));
  if (options.strategy !== undefined) await setUpStrategy(control, options.strategy);
  // Whoever brings a table of jobs brings its indexes: ours would make it faster than it is.
  if (!bringsJobs(options)) await control.query(sqlText("indexes.sql"));
  if (options.constraints) await addConstraints(control);
}

/** Drops whatever stands in the schema. */
export async function emptySchema(control: ControlDatabase): Promise<void> {
  await control.query(sqlText("empty.sql"));
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

/** One statement adds so many: what it returns is in memory at once, and it has to be answered in time. */
const addedAtOnce = 20_000;

/** Adds jobs; returns their ids, and which of them share a key. They are acknowledged: from here on none may be lost. */
export async function enqueue(
  control: ControlDatabase,
  lifecycle: Lifecycle,
  count: number,
  deck: JobDeck = {},
): Promise<EnqueueDetail> {
  const { maxAttempts, ...lists } = deck;
  const ids: number[] = [];
  const byKey = new Map<string, number[]>();
  for (let added = 0; added < count; added += addedAtOnce) {
    const part = { first: added + 1, count: Math.min(addedAtOnce, count - added) };
    const dealt = { ...part, ...lists, max_attempts: maxAttempts };
    const { text, values } = lifecycle.statement("enqueue", dealt);
    for (const row of await control.query(text, values)) {
      ids.push(Number(row["job_id"]));
      noteKey(byKey, row);
    }
  }
  const keys = [...byKey].map(([key, jobs]) => ({ key, jobs: rangesOf(jobs) }));
  return { jobs: rangesOf(ids), ...(keys.length === 0 ? {} : { keys }) };
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

function noteKey(jobsByKey: Map<string, number[]>, row: Row): void {
  const key = row["key"];
  if (typeof key !== "string") return;
  const known = jobsByKey.get(key);
  if (known === undefined) jobsByKey.set(key, [Number(row["job_id"])]);
  else known.push(Number(row["job_id"]));
}

function sqlText(name: string): string {
  return readFileSync(join(packageRoot, "sql", name), "utf8");
}
