import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import type { ControlDatabase } from "./control-database.ts";
import { inspectVerification } from "./inspection.ts";
import { bindNames } from "./named-parameters.ts";
import { readSqlFile } from "./sql-file.ts";

/** What somebody who runs the service should watch: the state of the queue as the database has it. */
export interface QueueState {
  readonly jobsByStatus: Readonly<Record<string, number>>;
  /** Due for longer than the patience, and nobody has claimed them. */
  readonly stuckPending: number;
  /** Held by a bot for longer than the patience after their lease ran out. */
  readonly stuckHeld: number;
  readonly oldestPendingS: number;
  /** Rows that each query of `sql/verification` finds; every one of them is a defect. */
  readonly inconsistencies: Readonly<Record<string, number>>;
}

/** Asks the database. Throws what `pg` throws. */
export async function readQueueState(
  control: ControlDatabase,
  patienceMs: number,
): Promise<QueueState> {
  const counts = await control.query(monitoringSql("jobs-by-status").text);
  const stuck = monitoringSql("stuck-jobs");
  const patience = `${patienceMs} milliseconds`;
  const [row] = await control.query(
    stuck.text,
    stuck.names.map(() => patience),
  );
  const { queries } = await inspectVerification(control);
  return {
    jobsByStatus: Object.fromEntries(counts.map(({ status, jobs }) => [status, Number(jobs)])),
    stuckPending: Number(row?.["pending"]),
    stuckHeld: Number(row?.["held"]),
    oldestPendingS: Number(row?.["oldest_pending_s"]),
    inconsistencies: Object.fromEntries(queries.map(({ name, count }) => [name, count])),
  };
}

function monitoringSql(name: string) {
  const [step] = readSqlFile(join(packageRoot, "sql", "monitoring", `${name}.sql`)).steps;
  return bindNames(step?.sql ?? "");
}
