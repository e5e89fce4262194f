import { z } from "zod";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";
import { FaultSession } from "./fault-session.ts";

/** Bots' transactions take fractions of a millisecond; a table that cannot be had for so long is not worth waiting for. */
const lockMs = 3_000;

/**
 * Another service writes rows that refer to jobs, and has not committed yet. The foreign key locks those jobs FOR KEY
 * SHARE: a claim that asks FOR UPDATE SKIP LOCKED passes over them as if they were taken, one that asks FOR NO KEY
 * UPDATE does not.
 */
export const foreignKeyInsert = faultKind({
  summary: "inserts rows that refer to the oldest pending jobs, and does not commit",
  moment: "span",
  settings: z.object({
    rows: z.int().min(1).max(10_000).default(1).describe("how many of the oldest pending jobs"),
  }),
  create({ rows }, context) {
    const session = new FaultSession(context);
    const table = `fault_notes_${context.id.replaceAll("-", "_")}`;
    return {
      async inject() {
        await changeTables(
          context,
          `CREATE TABLE IF NOT EXISTS ${table} (job_id bigint REFERENCES jobs)`,
        );
        const client = await session.open();
        await client.query("BEGIN");
        const { rowCount } = await client.query(
          `INSERT INTO ${table} SELECT id FROM jobs WHERE status = 'pending' ORDER BY created_at, id LIMIT $1`,
          [rows],
        );
        if (!rowCount) return { outcome: "missed", note: "no job was pending" };
        return { outcome: "hit", aim: table, note: `${rowCount} jobs locked FOR KEY SHARE` };
      },
      async heal() {
        await session.close();
        await changeTables(context, `DROP TABLE IF EXISTS ${table}`);
      },
    };
  },
});

/** Both statements lock the table of jobs for a moment; waiting behind a bot for longer would hold up all others. */
async function changeTables({ control }: FaultContext, statement: string): Promise<void> {
  await control.withConnection(async (client) => {
    await client.query(`BEGIN; SET LOCAL lock_timeout = '${lockMs}ms'`);
    await client.query(statement);
    await client.query("COMMIT");
  });
}
