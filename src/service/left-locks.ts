import { waitUntil } from "../base/timer.ts";
import type { LocksDetail } from "../history/event.ts";
import { botApplication } from "./bot-sessions.ts";
import type { ControlDatabase, Row } from "./control-database.ts";

/** A server takes a moment to notice that a connection was closed, and only then lets go of what it held. */
const patienceMs = 2_000;
const rowsShown = 10;

/**
 * What is still held by sessions of bots that have nothing to do: nothing should be. Only our own sessions, and only
 * prepared transactions that touched our own schema, are looked at: the rest of a foreign database is not our concern.
 */
export async function inspectLocks(control: ControlDatabase): Promise<LocksDetail> {
  let rows: readonly Row[] = [];
  const isFree = async (): Promise<boolean> => {
    rows = await ask(control);
    return rows.length === 0;
  };
  await waitUntil(isFree, { ms: patienceMs, everyMs: 20 });
  const shown = rows.slice(0, rowsShown).map(({ kind, holder, held }) => ({ kind, holder, held }));
  return { what: "locks", count: rows.length, rows: shown as LocksDetail["rows"] };
}

async function ask(control: ControlDatabase): Promise<Row[]> {
  return await control.query(
    `WITH sessions AS (
       SELECT pid, application_name, state, query FROM pg_stat_activity
        WHERE datname = current_database() AND starts_with(application_name, $1))
     SELECT 'advisory lock' AS kind, s.application_name AS holder, format('%s, %s', l.classid, l.objid) AS held
       FROM pg_locks l JOIN sessions s USING (pid) WHERE l.locktype = 'advisory' AND l.granted
     UNION ALL
     SELECT 'idle in transaction', application_name, left(query, 100) FROM sessions
      WHERE starts_with(state, 'idle in transaction')
     UNION ALL
     SELECT DISTINCT 'prepared transaction', p.gid, 'transaction ' || p.transaction
       FROM pg_prepared_xacts p
       -- What it holds stands under the number that its session had, which its lock on its own number tells.
       JOIN pg_locks own ON own.pid IS NULL AND own.locktype = 'transactionid' AND own.transactionid = p.transaction
       JOIN pg_locks l ON l.pid IS NULL AND l.virtualtransaction = own.virtualtransaction
       JOIN pg_class c ON c.oid = l.relation
      WHERE p.database = current_database() AND c.relnamespace = $2::regnamespace
     ORDER BY kind, holder, held`,
    [`${botApplication}-${control.schema}-`, control.schema],
  );
}
