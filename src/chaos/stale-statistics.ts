import { z } from "zod";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";

/** `pg_restore_attribute_stats` came with it. */
const oldestServer = 180_000;

/**
 * The planner believes that hardly any job is pending, as after a quiet night and before the next ANALYZE. A claim whose
 * LIMIT stands in a subquery of `IN (…)` is then planned as a loop that runs the subquery for every row, and claims all
 * of them.
 *
 * ```
 *   UPDATE jobs … WHERE status = 'pending' AND id IN (SELECT … LIMIT 1 FOR UPDATE SKIP LOCKED)
 *     Nested Loop Semi Join          one row expected, so once is enough
 *       → pending jobs  (1 → 200)    the subquery runs 200 times, and locks the next job each time
 * ```
 */
export const staleStatistics = faultKind({
  summary: "makes the planner believe that hardly any job is pending",
  moment: "span",
  settings: z.object({}),
  create(_settings, context) {
    return {
      async inject() {
        await refuseOlderServer(context);
        await context.control.query("ALTER TABLE jobs SET (autovacuum_enabled = off)");
        await forge(context);
        const { expected, actual } = await pending(context);
        const note = `the planner expects ${expected} of ${actual} pending jobs`;
        return { outcome: expected * 10 <= actual ? "hit" : "missed", aim: "jobs.status", note };
      },
      async heal() {
        await context.control.query("ALTER TABLE jobs RESET (autovacuum_enabled)");
        await context.control.query("ANALYZE jobs");
      },
    };
  },
});

async function refuseOlderServer({ control }: FaultContext): Promise<void> {
  const rows = await control.query("SELECT current_setting('server_version_num')::int AS version");
  if (Number(rows[0]?.["version"]) >= oldestServer) return;
  throw new Error("statistics can be set from PostgreSQL 18 on");
}

/** What ANALYZE would have found when every job was done. */
async function forge({ control }: FaultContext): Promise<void> {
  await control.query(
    `SELECT pg_restore_attribute_stats('schemaname', current_schema()::text, 'relname', 'jobs',
       'attname', 'status', 'inherited', false, 'null_frac', 0::real, 'avg_width', 10, 'n_distinct', 1::real,
       'most_common_vals', '{succeeded}'::text, 'most_common_freqs', '{1}'::real[])`,
  );
}

interface PlanTree {
  readonly Plan: { readonly "Plan Rows": number };
}

async function pending({
  control,
}: FaultContext): Promise<{ readonly expected: number; readonly actual: number }> {
  const plans = await control.query(
    "EXPLAIN (FORMAT JSON) SELECT FROM jobs WHERE status = 'pending'",
  );
  const { "QUERY PLAN": plan } = plans[0] as { "QUERY PLAN": readonly [PlanTree] };
  const counted = await control.query("SELECT count(*) AS jobs FROM jobs WHERE status = 'pending'");
  return { expected: plan[0].Plan["Plan Rows"], actual: Number(counted[0]?.["jobs"]) };
}
