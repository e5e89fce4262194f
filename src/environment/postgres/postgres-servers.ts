import { HarnessError } from "../../base/harness-error.ts";
import { redactUrl } from "../../base/redact-url.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { useExistingPostgres } from "./existing.ts";
import type { PostgresRequest, PostgresServer } from "./postgres-server.ts";

type Start = (request: PostgresRequest) => Promise<PostgresServer>;

const servers: ReadonlyMap<string, Start> = new Map([["embedded", startEmbeddedPostgres]]);

/** Starts, or connects to, the PostgreSQL that `request.server` names. The caller stops it. */
export async function startPostgres(request: PostgresRequest): Promise<PostgresServer> {
  const start = request.server.includes("://") ? useExistingPostgres : servers.get(request.server);
  if (start !== undefined) return await start(request);
  throw new HarnessError({
    kind: "usage",
    what: `there is no PostgreSQL called "${redactUrl(request.server)}"`,
    hint: `${[...servers.keys()].join(", ")}, or a URL: postgres://user@host:5432/database`,
  });
}
