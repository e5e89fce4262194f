import { HarnessError } from "../../base/harness-error.ts";
import { removeLeftovers } from "../leftovers.ts";
import { redactUrl } from "../../base/redact-url.ts";
import { startToxiproxyBinary } from "./binary.ts";
import { startDockerToxiproxy } from "./docker.ts";
import { startEmbeddedToxiproxy } from "./embedded.ts";
import { useExistingToxiproxy } from "./existing.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

type Start = (request: ToxiproxyRequest) => Promise<ToxiproxyServer>;

const servers: ReadonlyMap<string, Start> = new Map([
  ["embedded", startEmbeddedToxiproxy],
  ["binary", startToxiproxyBinary],
  ["docker", startDockerToxiproxy],
]);

/** Starts, or connects to, the Toxiproxy that `request.server` names. What killed runs left is removed. */
export async function startToxiproxy(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const start = /^https?:\/\//.test(request.server)
    ? useExistingToxiproxy
    : servers.get(request.server);
  if (start === undefined) throw unknownServer(request);
  // A leftover that cannot be removed does not stand in our way; `doctor` shows it.
  await removeLeftovers().catch(() => undefined);
  return await start(request);
}

function unknownServer(request: ToxiproxyRequest): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: `there is no Toxiproxy called "${redactUrl(request.server)}"`,
    hint: `${[...servers.keys()].join(", ")}, or a URL: http://127.0.0.1:8474`,
  });
}
