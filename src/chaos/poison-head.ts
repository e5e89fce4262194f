import { z } from "zod";
import { faultKind } from "./fault.ts";
import type { FaultContext } from "./fault.ts";

/** Bots' transactions take fractions of a millisecond. */
const lockMs = 3_000;

/**
 * Jobs that cannot be claimed: a constraint refuses it, as one on the number of attempts does to a row that has used
 * them up. A claim that takes the oldest job first is refused for it again and again, and with it a whole batch.
 */
export const poisonHead = faultKind({
  summary: "makes pending jobs ones whose claim a constraint refuses, from the oldest on",
  moment: "span",
  settings: z.object({
    rows: z.int().min(1).max(100).default(1).describe("how many jobs"),
    skip: z
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe("how many of the oldest are left alone: the poison then lies inside a batch"),
  }),
  create({ rows, skip }, context) {
    const name = `fault_poison_${context.id.replaceAll("-", "_")}`;
    return {
      async inject() {
        const pending = await context.control.query(
          `SELECT id FROM jobs WHERE status = 'pending' ORDER BY created_at, id OFFSET $1 LIMIT $2`,
          [skip, rows],
        );
        const ids = pending.map((row) => Number(row["id"]));
        if (ids.length === 0) return { outcome: "missed", note: "no job was pending" };
        await changeTable(
          context,
          `ADD CONSTRAINT ${name} CHECK (id NOT IN (${ids.join(", ")}) OR status = 'pending') NOT VALID`,
        );
        return { outcome: "hit", aim: `job ${ids.join(", ")}` };
      },
      heal: () => changeTable(context, `DROP CONSTRAINT IF EXISTS ${name}`),
    };
  },
});

async function changeTable({ control }: FaultContext, change: string): Promise<void> {
  await control.withConnection(async (client) => {
    await client.query(`BEGIN; SET LOCAL lock_timeout = '${lockMs}ms'`);
    await client.query(`ALTER TABLE jobs ${change}`);
    await client.query("COMMIT");
  });
}
