import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ProxyCollection } from "../proxy-collection.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { observationRoutes } from "./observation-routes.ts";
import { proxyRoutes } from "./proxy-routes.ts";
import { ApiError, emptyReply, errorReply, textReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { requestIds } from "./request-id.ts";
import { cleanPath, matchRoute } from "./routes.ts";
import type { ApiSettings, Call, Route } from "./routes.ts";
import { toxicRoutes } from "./toxic-routes.ts";

const routes = [...proxyRoutes, ...toxicRoutes, ...connectionRoutes, ...observationRoutes];

/** Toxiproxy's HTTP API over the proxies. The caller listens and closes. */
export function httpApi(proxies: ProxyCollection, settings: ApiSettings): Server {
  const nextId = requestIds();
  const server = createServer((request, response) => {
    void answer({ request, proxies, settings, nextId }).then((reply) =>
      send(request, response, reply),
    );
  });
  server.requestTimeout = 15_000;
  server.headersTimeout = 15_000;
  server.keepAliveTimeout = 60_000;
  return server;
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly proxies: ProxyCollection;
  readonly settings: ApiSettings;
  readonly nextId: () => string;
}

async function answer({ request, proxies, settings, nextId }: Incoming): Promise<Reply> {
  const [rawPath = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const path = decodePath(rawPath);
  if (path === undefined) return textReply(400, "400 Bad Request");
  const clean = cleanPath(path);
  if (clean !== path) return redirect(clean, query);
  const match = matchRoute(routes, request.method ?? "GET", path);
  if (match.kind === "no such path") return textReply(404, "404 page not found\n");
  if (match.kind === "no such method") return emptyReply(405);
  const parameter = (name: string): string => match.parameter(name);
  const call = { request, proxies, settings, query: new URLSearchParams(query), parameter };
  const reply = isBrowser(request)
    ? textReply(403, "User agent not allowed\n")
    : await handle(match.route, call);
  return { ...reply, headers: { ...reply.headers, "X-Toxiproxy-Request-Id": nextId() } };
}

function redirect(path: string, query: string): Reply {
  const location = encodeURI(path) + (query === "" ? "" : `?${query}`);
  return { ...emptyReply(301), headers: { Location: location } };
}

/** A page in a browser must not be able to reach a server on the user's machine; this is Toxiproxy's only guard. */
function isBrowser(request: IncomingMessage): boolean {
  return request.headers["user-agent"]?.startsWith("Mozilla/") === true;
}

async function handle(route: Route, call: Call): Promise<Reply> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (error instanceof ApiError) return errorReply(error);
    const message = error instanceof Error ? error.message : String(error);
    return errorReply(new ApiError(500, message));
  }
}

function decodePath(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  // A body nobody wanted would be taken for the next request on a connection that is kept.
  if (!request.complete) response.setHeader("Connection", "close");
  if (reply.status !== 204) response.setHeader("Content-Length", Buffer.byteLength(reply.body));
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
}
