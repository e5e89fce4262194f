import { z } from "zod";
import { faultKind } from "./fault.ts";
import type { FaultContext, Injection } from "./fault.ts";

/** A change that no constraint of the schema may accept. `sql` returns or affects a row if it finds one to damage. */
interface Corruption {
  readonly name: string;
  readonly sql: string;
}

const corruptions: readonly Corruption[] = [
  {
    name: "point a second bot at a held job",
    // The row of the bot that holds the job is locked: else it may let go of the job before the write, which is then
    // one that no constraint has a reason to refuse.
    sql: `WITH taken AS MATERIALIZED (
            SELECT id, current_job_id FROM bots WHERE current_job_id IS NOT NULL AND id > 0
             LIMIT 1 FOR UPDATE SKIP LOCKED)
          UPDATE bots SET current_job_id = taken.current_job_id FROM taken
           WHERE bots.id = (SELECT other.id FROM bots other, taken WHERE other.id > 0 AND other.id <> taken.id
                             ORDER BY other.id LIMIT 1 FOR UPDATE OF other SKIP LOCKED)`,
  },
  {
    name: "take a held job's holder away",
    sql: `UPDATE jobs SET claimed_by = NULL
           WHERE id = (SELECT id FROM jobs WHERE status IN ('claimed', 'processing') LIMIT 1 FOR UPDATE SKIP LOCKED)`,
  },
  {
    name: "put a held job back without releasing it",
    sql: `UPDATE jobs SET status = 'pending'
           WHERE id = (SELECT id FROM jobs WHERE status IN ('claimed', 'processing') LIMIT 1 FOR UPDATE SKIP LOCKED)`,
  },
  {
    name: "point a bot at a job that does not exist",
    sql: `UPDATE bots SET current_job_id = -1
           WHERE id = (SELECT id FROM bots WHERE id > 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)`,
  },
];

export const corruptState = faultKind({
  summary: "tries to write a state that the constraints must refuse, one after the other",
  moment: "instant",
  settings: z.object({}),
  create(_settings, context) {
    let next = 0;
    return {
      async inject() {
        const corruption = corruptions[next++ % corruptions.length] as Corruption;
        return await attempt(context, corruption);
      },
      // What was refused changed nothing; what was accepted is the damage that the checks must find.
      heal: async () => undefined,
    };
  },
});

async function attempt(context: FaultContext, { name, sql }: Corruption): Promise<Injection> {
  try {
    // On a connection of its own until it is rolled back: the error of a refused write is told before its locks are
    // let go, and the next attempt would pass over the rows.
    const damaged = await context.control.withConnection((client) => client.query(sql));
    if (damaged.rowCount === 0) return { outcome: "missed", aim: name, note: "nothing to damage" };
    return { outcome: "hit", aim: name, note: "accepted" };
  } catch (error) {
    const { code = "unknown error" } = error as { code?: string };
    if (!code.startsWith("23")) return { outcome: "missed", aim: name, note: code };
    return { outcome: "hit", aim: name, note: `refused ${code}` };
  }
}
