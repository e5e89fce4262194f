import type { Proxy } from "../proxy.ts";
import type { Toxic } from "../toxic.ts";
import { readJson } from "./json-body.ts";
import { proxyOf } from "./proxy-routes.ts";
import { ApiError, apiErrors, emptyReply, jsonReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import type { Call, Route } from "./routes.ts";
import { newToxic, updateToxic } from "./toxic-body.ts";

export const toxicRoutes: readonly Route[] = [
  { methods: ["GET"], pattern: "/proxies/{proxy}/toxics", handle: list },
  { methods: ["POST"], pattern: "/proxies/{proxy}/toxics", handle: create },
  { methods: ["GET"], pattern: "/proxies/{proxy}/toxics/{toxic}", handle: show },
  { methods: ["POST", "PATCH"], pattern: "/proxies/{proxy}/toxics/{toxic}", handle: update },
  { methods: ["DELETE"], pattern: "/proxies/{proxy}/toxics/{toxic}", handle: remove },
];

function list(call: Call): Reply {
  return jsonReply(200, proxyOf(call).toxics);
}

async function create(call: Call): Promise<Reply> {
  const proxy = proxyOf(call);
  const body = await readJson(call.request);
  const toxic = newToxic(body, (name) => proxy.toxic(name) !== undefined);
  refuseBlindness(proxy, toxic);
  proxy.addToxic(toxic);
  return jsonReply(200, toxic);
}

/** A toxic that must read messages is not put on connections that hide them. */
function refuseBlindness(proxy: Proxy, toxic: Toxic): void {
  const hidden = proxy.connections.find((connection) => connection.isEncrypted);
  if (toxic.type.kind !== "postgres" || hidden === undefined) return;
  throw new ApiError(
    409,
    `${toxic.type.name} cannot act: connection ${hidden.id} is encrypted; use sslmode=disable and gssencmode=disable`,
  );
}

function show(call: Call): Reply {
  return jsonReply(200, toxicOf(call, proxyOf(call)));
}

async function update(call: Call): Promise<Reply> {
  const proxy = proxyOf(call);
  const toxic = toxicOf(call, proxy);
  const body = await readJson(call.request);
  // It may have been removed while the body was on its way.
  if (proxy.toxic(toxic.name) !== toxic) throw apiErrors.toxicNotFound();
  updateToxic(toxic, body);
  proxy.updateToxic(toxic);
  return jsonReply(200, toxic);
}

function remove(call: Call): Reply {
  const proxy = proxyOf(call);
  proxy.removeToxic(toxicOf(call, proxy));
  return emptyReply(204);
}

function toxicOf(call: Call, proxy: Proxy): Toxic {
  const toxic = proxy.toxic(call.parameter("toxic"));
  if (toxic === undefined) throw apiErrors.toxicNotFound();
  return toxic;
}
