import { withConnection } from "./connection.ts";
import type { PostgresAddress } from "./postgres-server.ts";

/** "16.4": the number alone of "16.4 (Debian 16.4-1.pgdg120+1)". */
export async function askVersion(address: PostgresAddress): Promise<string> {
  return await withConnection(address, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version.split(" ")[0] ?? "unknown";
  });
}
