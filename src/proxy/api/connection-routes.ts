import { cutKinds, cutSides } from "../cut.ts";
import { proxyOf } from "./proxy-routes.ts";
import { ApiError, apiErrors, emptyReply, jsonReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import type { Call, Route } from "./routes.ts";

/** Beyond Toxiproxy: connections can be seen, and cut, and so can the pool that they lead to. */
export const connectionRoutes: readonly Route[] = [
  { methods: ["GET"], pattern: "/proxies/{proxy}/connections", handle: list },
  { methods: ["DELETE"], pattern: "/proxies/{proxy}/connections/{connection}", handle: cut },
  { methods: ["GET"], pattern: "/proxies/{proxy}/pool", handle: showPool },
];

function list(call: Call): Reply {
  return jsonReply(200, proxyOf(call).connections);
}

function showPool(call: Call): Reply {
  const { pooler } = proxyOf(call);
  if (pooler === undefined) throw new ApiError(404, "the proxy has no pool");
  return jsonReply(200, pooler);
}

/** `?how=fin|rst|silent`, `?side=client|server|both`. */
function cut(call: Call): Reply {
  const proxy = proxyOf(call);
  const how = oneOf(cutKinds, call.query.get("how") ?? "fin", "how");
  const side = oneOf(cutSides, call.query.get("side") ?? "both", "side");
  const connection = proxy.connection(Number(call.parameter("connection")));
  if (connection === undefined) throw apiErrors.connectionNotFound();
  connection.cut({ how, side, reason: "api" });
  return emptyReply(204);
}

function oneOf<T extends string>(choices: readonly T[], text: string, name: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new ApiError(400, `${name} must be one of ${choices.join(", ")}`);
  return choice;
}
