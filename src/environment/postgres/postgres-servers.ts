import { HarnessError } from "../../base/harness-error.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import type { PostgresRequest, PostgresServer } from "./postgres-server.ts";

/** Starts, or connects to, the PostgreSQL that `request.server` names. The caller stops it. */
export async function startPostgres(request: PostgresRequest): Promise<PostgresServer> {
  if (request.server === "embedded") return await startEmbeddedPostgres(request);
  throw new HarnessError({
    kind: "usage",
    what: `there is no PostgreSQL called "${request.server}"`,
    hint: "embedded, docker, or a URL: postgres://user@host:5432/database",
  });
}
