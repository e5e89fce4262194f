import type { Client } from "pg";

/** Table of a run's schema: settings of the server that a fault has changed. */
export const alteredSettings = "altered_settings";

/** Gives back what a run that was killed had changed on a server that is not ours, as far as this user may. */
export async function resetAlteredSettings(client: Client, schema: string): Promise<void> {
  const table = `${schema}.${alteredSettings}`;
  const found = await client.query("SELECT FROM pg_class WHERE oid = to_regclass($1)", [table]);
  if (found.rowCount === 0) return;
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER SYSTEM RESET %I', name) AS statement FROM ${table}`,
  );
  for (const { statement } of rows) await client.query(statement);
  await client.query("SELECT pg_reload_conf()");
}
