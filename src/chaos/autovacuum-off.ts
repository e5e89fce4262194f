import { z } from "zod";
import { faultKind } from "./fault.ts";

const tables = ["jobs", "bots"] as const;

/** Nobody cleans up behind the bots: each job leaves dead versions of its row and of its bot's, and claims read past them. */
export const autovacuumOff = faultKind({
  summary: "switches autovacuum off for the tables of jobs and bots",
  moment: "span",
  settings: z.object({}),
  create(_settings, context) {
    const { control } = context;
    const onEach = async (change: string): Promise<void> => {
      for (const table of tables) await control.query(`ALTER TABLE ${table} ${change}`);
    };
    return {
      async inject() {
        await onEach("SET (autovacuum_enabled = off)");
        return { outcome: "applied", aim: tables.join(", ") };
      },
      /** Sessions report what they did to a table at most once a second, so what is counted is the least there is. */
      async witnessed() {
        const rows = await control.query(
          `SELECT relname AS table, pg_stat_get_dead_tuples(oid) AS dead FROM pg_class
            WHERE relnamespace = to_regnamespace(current_schema()) AND relname = ANY ($1)
              AND 'autovacuum_enabled=off' = ANY (reloptions) AND pg_stat_get_dead_tuples(oid) > 0`,
          [tables],
        );
        return rows.map((row) => ({
          aim: `${String(row["table"])}, ${String(row["dead"])} dead rows`,
        }));
      },
      heal: () => onEach("RESET (autovacuum_enabled)"),
    };
  },
});
