import type { ControlDatabase } from "../../service/control-database.ts";
import type { StageTables } from "../stage.ts";

/** Whose tables nobody knows but the module: what is in them is not judged, only which transactions have changed something. */
export async function moduleTables(control: ControlDatabase, logs: boolean): Promise<StageTables> {
  const rows = await control.query(
    `SELECT format('PERFORM setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename),
                   coalesce(last_value, start_value), last_value IS NOT NULL) AS set_back
       FROM pg_sequences WHERE schemaname = current_schema()`,
  );
  return {
    witness: (tables) => [logTable, ...(logs ? [logFunction, ...tables.map(logged)] : [])],
    look,
    sequences: rows.map((row) => String(row["set_back"])),
  };
}

/** Tables outside of the schema, in which nothing would be set back before the next schedule. */
export async function tablesElsewhere(control: ControlDatabase): Promise<ReadonlySet<string>> {
  const rows = await control.query(
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname !~ '^(pg_|information_schema$|doubletake|test_)'
        AND n.oid <> current_schema()::regnamespace`,
  );
  return new Set(rows.map((row) => String(row["name"])));
}

const logTable = `CREATE TABLE witness_log (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  label text DEFAULT current_setting('doubletake.transaction', true))`;

const logFunction = `CREATE FUNCTION witness_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS
  $$ BEGIN INSERT INTO witness_log DEFAULT VALUES; RETURN NULL; END $$`;

function logged(table: string): string {
  return `CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION witness_row()`;
}

const look = `SELECT json_build_object(
  'log', (SELECT coalesce(json_agg(l ORDER BY l.seq), '[]') FROM witness_log l WHERE l.label <> ''),
  'verification', json_build_array(), 'jobs', json_build_array(), 'effects', json_build_array()) AS state`;
