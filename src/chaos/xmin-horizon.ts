import { z } from "zod";
import { faultKind } from "./fault.ts";
import { FaultSession } from "./fault-session.ts";

/** Fewer dead versions than this slow nothing down. */
const fewestTransactions = 50;

/**
 * A report, a backup or a forgotten session keeps a REPEATABLE READ transaction open. Every version that dies meanwhile
 * must be kept for it, so claims walk over more and more dead rows, and no vacuum helps.
 *
 * ```
 *   snapshot ├──────────────────────────────────────────▶ may still read them
 *   jobs      † † † † † † † † † † † † † †                 dead, and not to be removed
 * ```
 */
export const xminHorizon = faultKind({
  summary: "keeps a snapshot open, so that no dead row can be removed",
  moment: "span",
  settings: z.object({}),
  create(_settings, context) {
    const session = new FaultSession(context);
    let pid = 0;
    return {
      async inject() {
        const client = await session.open();
        await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        const { rows } = await client.query<{ pid: number }>(
          "SELECT pg_backend_pid() AS pid FROM (SELECT count(*) FROM jobs) AS seen",
        );
        pid = rows[0]?.pid ?? 0;
        return { outcome: "applied", aim: `backend ${pid}` };
      },
      async witnessed() {
        const rows = await context.control.query(
          "SELECT age(backend_xmin)::int AS age FROM pg_stat_activity WHERE pid = $1",
          [pid],
        );
        const age = Number(rows[0]?.["age"] ?? 0);
        if (age < fewestTransactions) return [];
        return [{ aim: `backend ${pid}, ${age} transactions behind` }];
      },
      heal: () => session.close(),
    };
  },
});
