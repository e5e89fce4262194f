import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { ControlDatabase } from "./control-database.ts";

/** From now on whoever listens is told of each transaction that makes jobs available; goes with the tables. */
export async function tellOfJobs(control: ControlDatabase): Promise<void> {
  await control.query(readFileSync(join(packageRoot, "sql", "notify.sql"), "utf8"));
}

/** Whether every job is done, dead or gone. Throws what `pg` throws. */
export async function isNothingLeft(control: Pick<ControlDatabase, "query">): Promise<boolean> {
  const [row] = await control.query(
    `SELECT NOT EXISTS (SELECT FROM jobs WHERE status = 'pending')
        AND NOT EXISTS (SELECT FROM jobs WHERE status IN ('claimed', 'processing')) AS is_nothing_left`,
  );
  return row?.["is_nothing_left"] === true;
}
