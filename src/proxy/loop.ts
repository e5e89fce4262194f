import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { splitHostPort } from "./listen-address.ts";
import type { HostPort } from "./listen-address.ts";

/** A proxy as a step from one address to another. */
export interface Hop {
  readonly listen: string;
  readonly upstream: string;
}

/**
 * Whether a connection to the proxy would come back to it, by itself or over others of the same server. Each round trip
 * would make another connection, until the process has no file descriptors left for anybody.
 */
export function leadsBack(proxy: Hop, proxies: readonly Hop[]): boolean {
  let hop: Hop | undefined = proxy;
  for (let hops = 0; hops <= proxies.length; hops++) {
    const upstream: HostPort | undefined = parse(hop.upstream);
    if (upstream === undefined) return false;
    hop = proxies.find(({ listen }) => isServedBy(upstream, parse(listen)));
    if (hop === undefined) return false;
    if (hop === proxy) return true;
  }
  // More hops than proxies: a ring that the connection gets into from outside.
  return true;
}

function isServedBy(upstream: HostPort, listen: HostPort | undefined): boolean {
  if (listen === undefined || upstream.port !== listen.port) return false;
  if (upstream.host === listen.host) return true;
  if (upstream.host === "localhost") return listen.host !== "" && isLoopback(listen.host);
  return listen.host === "::" && isOwn(upstream.host);
}

function isLoopback(host: string): boolean {
  return host === "::" || host === "::1" || host.startsWith("127.");
}

function isOwn(host: string): boolean {
  if (isIP(host) === 0) return false;
  if (isLoopback(host) || host === "0.0.0.0") return true;
  return Object.values(networkInterfaces())
    .flat()
    .some((own) => own?.address === host);
}

function parse(address: string): HostPort | undefined {
  try {
    return splitHostPort(address);
  } catch {
    return undefined;
  }
}
