import type { Client } from "pg";
import { withDeadline } from "../../base/timer.ts";
import { openConnection, withConnection } from "./connection.ts";
import type { PostgresAddress, PostgresCapability } from "./postgres-server.ts";

const endMs = 5_000;

/** What this user may do on this server, found out by asking it. A server that is not ours is never crashed. */
export async function findCapabilities(
  address: PostgresAddress,
  { isDisposable }: { readonly isDisposable: boolean } = { isDisposable: false },
): Promise<ReadonlySet<PostgresCapability>> {
  return await withConnection(address, async (client) => {
    const found = new Set<PostgresCapability>();
    if (await canTerminate(client, address)) found.add("terminate-backends");
    if (await canDecode(client)) found.add("decode-wal");
    if (await canReadPosition(client)) found.add("wal-position");
    if (isDisposable && (await canConfigure(client))) found.add("configure");
    return found;
  });
}

/** Tried on a connection of our own: the rights of the role, and a pooler in between, both decide. */
async function canTerminate(client: Client, address: PostgresAddress): Promise<boolean> {
  const victim = await openConnection(address, "doubletake-probe");
  try {
    const { rows } = await victim.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const ended = new Promise((resolve) => victim.once("end", resolve));
    await client.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    await withDeadline(ended, { ms: endMs, what: "the end of a terminated backend" });
    return true;
  } catch {
    return false;
  } finally {
    await victim.end().catch(() => undefined);
  }
}

/**
 * Asked, not tried: making a slot waits for every transaction of the database to end, which may be hours. Amazon gives
 * the right by membership in a role instead of an attribute.
 */
async function canDecode(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ can: boolean }>(
    `SELECT current_setting('wal_level') = 'logical'
        AND current_setting('max_replication_slots')::int > (SELECT count(*) FROM pg_replication_slots)
        AND (SELECT rolsuper OR rolreplication OR EXISTS (
               SELECT FROM pg_roles WHERE rolname = 'rds_replication' AND pg_has_role(oid, 'MEMBER'))
             FROM pg_roles WHERE rolname = current_user) AS can`,
  );
  return rows[0]?.can === true;
}

async function canConfigure(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ can: boolean }>(
    "SELECT rolsuper AS can FROM pg_roles WHERE rolname = current_user",
  );
  return rows[0]?.can === true;
}

async function canReadPosition(client: Client): Promise<boolean> {
  return await client.query("SELECT pg_current_wal_lsn()").then(
    () => true,
    () => false,
  );
}
