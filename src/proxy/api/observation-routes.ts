import { renderMetrics } from "../metrics.ts";
import { runtimeMetrics } from "../runtime-metrics.ts";
import { serverVersion } from "../server-version.ts";
import { ApiError, jsonReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import type { Call, Route } from "./routes.ts";

export const observationRoutes: readonly Route[] = [
  { methods: ["GET"], pattern: "/version", handle: version },
  { methods: ["*"], pattern: "/metrics", handle: metrics },
  { methods: ["GET"], pattern: "/events", handle: events },
];

function version(): Reply {
  const headers = { "Content-Type": "application/json;charset=utf-8" };
  return { status: 200, headers, body: `{"version": "${serverVersion()}"}\n` };
}

function metrics({ proxies, settings }: Call): Reply {
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };
  const body = renderMetrics(proxies.all()) + (settings.runtimeMetrics ? runtimeMetrics() : "");
  return { status: 200, headers, body };
}

/** Beyond Toxiproxy: what happened to connections, after the event numbered `since`. */
function events({ proxies, query }: Call): Reply {
  const since = Number(query.get("since") ?? "0");
  if (!Number.isSafeInteger(since) || since < 0) {
    throw new ApiError(400, "since must be the number of an event");
  }
  return jsonReply(200, proxies.events.page(since));
}
