import { z } from "zod";
import { faultKind } from "./fault.ts";

/** Below zero: not one of the bots that run, so what is wrong with it is not held against the strategy. */
const absentBot = -1;

/**
 * The state that once stopped everything: a bot that is not there any more points at the oldest job, and the job is
 * pending. A claim that takes that job and then tells its bot is refused by the unique index, and so is the next.
 */
export const botPointsAtPending = faultKind({
  summary: "makes a bot that is gone point at the oldest pending job",
  moment: "span",
  settings: z.object({}),
  create(_settings, context) {
    return {
      async inject() {
        const rows = await context.control.query(
          `INSERT INTO bots (id, name, current_job_id)
           SELECT $1, 'a bot that is gone', id FROM jobs WHERE status = 'pending'
            ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
           RETURNING current_job_id AS job`,
          [absentBot],
        );
        const job = rows[0]?.["job"];
        if (job === undefined) return { outcome: "missed", note: "no job was pending" };
        return { outcome: "hit", aim: `job ${Number(job)}` };
      },
      async heal() {
        await context.control.query("DELETE FROM bots WHERE id = $1", [absentBot]);
      },
    };
  },
});
