import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { HarnessError } from "../../base/harness-error.ts";
import { addressText, withConnection } from "./connection.ts";
import { resetAlteredSettings } from "./altered-settings.ts";
import type { PostgresAddress } from "./postgres-server.ts";
import { lockKey } from "./schema-lock.ts";

const comment = "Made by doubletake for one run, and dropped after it.";
/** Somebody else may hold a lock in our schema, a backup for example: it is waited for, not terminated. */
const dropLockMs = 20_000;

/** A name for the schema of one run; random, because runs on one server do not know of each other. */
export function runSchemaName(): string {
  return `doubletake_${randomBytes(6).toString("hex")}`;
}

/** The caller holds the schema's lock already, so nobody takes it for a leftover. */
export async function createRunSchema(address: PostgresAddress, schema: string): Promise<void> {
  await withConnection(address, async (client) => {
    try {
      await client.query(
        `BEGIN; CREATE SCHEMA ${schema}; COMMENT ON SCHEMA ${schema} IS '${comment}'; COMMIT`,
      );
    } catch (error) {
      throw cannotCreate(error, address);
    }
  });
}

export async function dropRunSchema(address: PostgresAddress, schema: string): Promise<void> {
  await withConnection(address, async (client) => {
    try {
      await dropSchema(client, schema);
    } catch (error) {
      throw cannotDrop(error, address, schema);
    }
  });
}

/** Drops the schemas of runs that were killed, as far as this user may. Returns their names. */
export async function dropLeftoverSchemas(address: PostgresAddress): Promise<readonly string[]> {
  return await withConnection(address, async (client) => {
    // A run that was killed may have left the server refusing every change.
    await client.query("SET default_transaction_read_only = off");
    const dropped: string[] = [];
    for (const schema of await runSchemas(client)) {
      if (await dropIfDead(client, schema)) dropped.push(schema);
    }
    return dropped;
  });
}

async function runSchemas(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace
     WHERE nspname ~ '^doubletake_[0-9a-f]{12}$' AND pg_has_role(nspowner, 'USAGE')
       AND obj_description(oid, 'pg_namespace') = $1`,
    [comment],
  );
  return rows.map((row) => row.name);
}

/** A lock that can be taken has no living run behind it. */
async function dropIfDead(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock(${lockKey(schema)}) AS taken`,
  );
  if (rows[0]?.taken !== true) return false;
  try {
    await resetAlteredSettings(client, schema);
    await dropSchema(client, schema);
    return true;
  } catch {
    // In use by something that we may not end; it stays for a later start.
    return false;
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${lockKey(schema)})`);
  }
}

async function dropSchema(client: Client, schema: string): Promise<void> {
  await endOwnBackends(client, schema);
  await client.query(`SET lock_timeout = ${dropLockMs}`);
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

/** Connections that a fault cut may have left transactions behind that still hold locks. Only ours are ended. */
async function endOwnBackends(client: Client, schema: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name LIKE 'doubletake%' AND usename = current_user AND pid <> pg_backend_pid()
       AND pid IN (SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                   WHERE relnamespace = to_regnamespace($1)::oid)`,
    [schema],
  );
}

function cannotCreate(error: unknown, address: PostgresAddress): HarnessError {
  const { code, message } = error as { code?: string; message: string };
  const where = addressText(address);
  if (code === "42501") {
    const hint = `GRANT CREATE ON DATABASE ${address.database} TO ${address.user};`;
    const what = `user ${address.user} may not create a schema, and a run only works in its own`;
    return new HarnessError({ kind: "environment", what, where, hint, cause: error });
  }
  if (code === "25006") {
    const what = "the server is read-only, so it is no place for a run";
    const hint = "give the URL of the primary, not of a standby";
    return new HarnessError({ kind: "environment", what, where, hint, cause: error });
  }
  const what = `the schema of the run could not be created: ${message}`;
  return new HarnessError({ kind: "environment", what, where, cause: error });
}

function cannotDrop(error: unknown, address: PostgresAddress, schema: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `schema ${schema} could not be dropped: ${(error as Error).message}`,
    where: addressText(address),
    hint: "`doubletake doctor --clean --postgres URL` tries again",
    cause: error,
  });
}
