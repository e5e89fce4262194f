import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { PostgresAddress } from "../../src/environment/postgres/postgres-server.ts";

/** Where Debian's package of the server puts it. */
export const isolationtester = [15, 16, 17, 18]
  .map((version) => `/usr/lib/postgresql/${version}/lib/pgxs/src/test/isolation/isolationtester`)
  .find((path) => existsSync(path));

export function runIsolationtester(spec: string, address: PostgresAddress) {
  const { host, port, user, password, database } = address;
  const where = `host=${host} port=${port} user=${user} password=${password} dbname=${database}`;
  return spawnSync(isolationtester as string, [where], {
    input: spec,
    encoding: "utf8",
    timeout: 50_000,
  });
}

/** How often it says that a step waits. */
export function waitsIn(stdout: string): number {
  return stdout.match(/<waiting \.\.\.>/g)?.length ?? 0;
}
