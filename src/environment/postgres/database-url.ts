import type { PostgresAddress } from "./postgres-server.ts";

/** The address of the run's own schema, as drivers of any language take it. */
export function databaseUrl(address: PostgresAddress, schema: string): string {
  const { host, port, user, password = "", database } = address;
  const url = new URL(`postgres://${host.includes(":") ? `[${host}]` : host}:${port}/${database}`);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  url.searchParams.set("options", `-c search_path=${schema}`);
  return url.href;
}
