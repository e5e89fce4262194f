import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";

/** Host and port as Go's net package splits them. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A text that is no `host:port`, told in Go's words: clients of Toxiproxy match them. */
export class AddressError extends Error {}

/** `host:port`, `:port` or `[v6]:port`. */
export function splitHostPort(address: string): HostPort {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(address);
  if (match === null) {
    const problem = address.includes(":")
      ? "too many colons in address"
      : "missing port in address";
    throw new AddressError(`address ${address}: ${problem}`);
  }
  return { host: match[1] ?? match[2] ?? "", port: parsePort(match[3] ?? "") };
}

function parsePort(text: string): number {
  if (text === "") return 0;
  if (!/^[+-]?\d+$/.test(text)) throw new AddressError(`lookup tcp/${text}: unknown port`);
  const port = Number(text);
  if (port < 0 || port > 65_535) throw new AddressError(`address ${text}: invalid port`);
  return port;
}

export function joinHostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const wildcards = new Set(["", "0.0.0.0", "::", "[::]"]);

/**
 * The form in which two listen addresses are compared and shown: every wildcard is `[::]`, as Go shows it, and a name is
 * its address, IPv4 first.
 */
export async function resolveListen(address: string): Promise<HostPort> {
  const { host, port } = address === "" ? { host: "", port: 0 } : splitHostPort(address);
  if (wildcards.has(host)) return { host: "::", port };
  if (isIP(host) !== 0) return { host, port };
  try {
    const found = await lookup(host, { order: "ipv4first" });
    return { host: found.address, port };
  } catch (error) {
    throw new AddressError(`lookup ${host}: no such host`, { cause: error });
  }
}
