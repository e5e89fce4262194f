import type { GrowthSample } from "../history/load-detail.ts";
import type { ControlDatabase } from "./control-database.ts";

/** What the backends of the bots wait for at this moment; `CPU` where one waits for nothing. */
export async function sampleWaits(
  control: ControlDatabase,
  application: string,
): Promise<readonly { readonly event: string; readonly count: number }[]> {
  const rows = await control.query(
    `SELECT coalesce(wait_event_type || ':' || wait_event, 'CPU') AS event, count(*)::int AS count
     FROM pg_stat_activity WHERE starts_with(application_name, $1) GROUP BY 1`,
    [application],
  );
  return rows.map((row) => ({ event: String(row["event"]), count: Number(row["count"]) }));
}

/** How large the jobs table is; undefined where the server keeps no statistics of it yet. */
export async function sampleGrowth(
  control: ControlDatabase,
): Promise<Omit<GrowthSample, "atMs"> | undefined> {
  const [row] = await control.query(
    `SELECT n_dead_tup, pg_table_size(relid) AS table_bytes, pg_indexes_size(relid) AS index_bytes
     FROM pg_stat_user_tables WHERE relid = to_regclass('jobs')`,
  );
  if (row === undefined) return undefined;
  return {
    deadTuples: Number(row["n_dead_tup"]),
    tableBytes: Number(row["table_bytes"]),
    indexBytes: Number(row["index_bytes"]),
  };
}
