import type { Proxy } from "../proxy.ts";
import { AddressError } from "../listen-address.ts";
import { ListenError } from "../listener.ts";
import { ProxyExistsError, ProxyGoneError } from "../proxy-collection.ts";
import { readJson } from "./json-body.ts";
import { newProxy, populateBody, proxyBody } from "./proxy-body.ts";
import { ApiError, apiErrors, emptyReply, jsonReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import type { Call, Route } from "./routes.ts";

export const proxyRoutes: readonly Route[] = [
  { methods: ["GET"], pattern: "/proxies", handle: list },
  { methods: ["POST"], pattern: "/proxies", handle: create },
  { methods: ["POST"], pattern: "/populate", handle: populate },
  { methods: ["POST"], pattern: "/reset", handle: reset },
  { methods: ["GET"], pattern: "/proxies/{proxy}", handle: show },
  { methods: ["POST", "PATCH"], pattern: "/proxies/{proxy}", handle: update },
  { methods: ["DELETE"], pattern: "/proxies/{proxy}", handle: remove },
];

/** The proxy that the path names. */
export function proxyOf(call: Call): Proxy {
  const proxy = call.proxies.get(call.parameter("proxy"));
  if (proxy === undefined) throw apiErrors.proxyNotFound();
  return proxy;
}

function list({ proxies }: Call): Reply {
  return jsonReply(200, Object.fromEntries(proxies.all().map((proxy) => [proxy.name, proxy])));
}

async function create({ request, proxies }: Call): Promise<Reply> {
  const body = proxyBody(await readJson(request));
  if (body.name === "") throw apiErrors.missingField("name");
  if (body.upstream === undefined || body.upstream === "") throw apiErrors.missingField("upstream");
  return jsonReply(201, await carryOut(proxies.create(newProxy(body))));
}

function show(call: Call): Reply {
  return jsonReply(200, proxyOf(call));
}

async function update(call: Call): Promise<Reply> {
  const proxy = proxyOf(call);
  const body = proxyBody(await readJson(call.request));
  await carryOut(call.proxies.update(proxy, body));
  return jsonReply(200, proxy);
}

async function remove(call: Call): Promise<Reply> {
  await call.proxies.remove(proxyOf(call));
  return emptyReply(204);
}

async function reset({ proxies }: Call): Promise<Reply> {
  await carryOut(proxies.reset());
  return emptyReply(204);
}

/** Its errors carry what was made before, and are JSON in name, too. */
async function populate({ request, proxies }: Call): Promise<Reply> {
  const made: Proxy[] = [];
  try {
    const requests = populateBody(await readJson(request));
    await carryOut(proxies.populate(requests, (proxy) => made.push(proxy)));
    return jsonReply(201, { proxies: made });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message, status } = error;
    return jsonReply(status, { error: message, status, proxies: made.length > 0 ? made : null });
  }
}

/** Failures of the proxies, in the API's terms. */
async function carryOut<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProxyExistsError) throw apiErrors.proxyExists();
    if (error instanceof ProxyGoneError) throw apiErrors.proxyNotFound();
    if (error instanceof ListenError || error instanceof AddressError) {
      throw new ApiError(500, error.message);
    }
    throw error;
  }
}
