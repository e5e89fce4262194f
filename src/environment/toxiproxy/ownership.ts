import { randomBytes } from "node:crypto";
import { removeProxy } from "./driven-toxiproxy.ts";
import { toxiproxyApi } from "./toxiproxy-api.ts";

/**
 * How a real server that we started is told from one that had the port already. The real server keeps running without
 * an API when its port is in use, so neither its being alive nor an answer at the port says that it is ours. It is if
 * it has a proxy that only our server was told to make.
 */
export interface Marker {
  readonly name: string;
  /** The server's configuration file; it is applied before the API listens. */
  readonly config: string;
}

export function newMarker(): Marker {
  const name = `doubletake-${randomBytes(8).toString("hex")}`;
  const proxy = { name, listen: "127.0.0.1:0", upstream: "127.0.0.1:1", enabled: false };
  return { name, config: JSON.stringify([proxy]) };
}

/** Whether the server at the URL is the one that got the marker, which is then removed. */
export async function claimServer(url: string, marker: Marker): Promise<boolean> {
  const api = toxiproxyApi(url);
  try {
    if (!(marker.name in (await api.getAll()))) return false;
    await removeProxy(api, marker.name);
    return true;
  } catch {
    // It is no Toxiproxy that has the port.
    return false;
  }
}

/** Half a second is long for a server that is up; one that took our port and says nothing must not hold us up. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/version`, { signal: AbortSignal.timeout(500) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}
