import { HarnessError } from "../../base/harness-error.ts";
import { removeLeftovers } from "../leftovers.ts";
import { redactUrl } from "../../base/redact-url.ts";
import { startDockerPostgres } from "./docker.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { useExistingPostgres } from "./existing.ts";
import type { PostgresRequest, PostgresServer } from "./postgres-server.ts";

type Start = (request: PostgresRequest) => Promise<PostgresServer>;

const servers: ReadonlyMap<string, Start> = new Map<string, Start>([
  ["embedded", startEmbeddedPostgres],
  ["docker", startDockerPostgres],
]);

/** Starts, or connects to, the PostgreSQL that `request.server` names. What killed runs left is removed. */
export async function startPostgres(request: PostgresRequest): Promise<PostgresServer> {
  const start = request.server.includes("://") ? useExistingPostgres : servers.get(request.server);
  if (start === undefined) throw unknownServer(request);
  // A leftover that cannot be removed does not stand in our way; `doctor` shows it.
  await removeLeftovers().catch(() => undefined);
  return await start(request);
}

function unknownServer(request: PostgresRequest): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: `there is no PostgreSQL called "${redactUrl(request.server)}"`,
    hint: `${[...servers.keys()].join(", ")}, or a URL: postgres://user@host:5432/database`,
  });
}
