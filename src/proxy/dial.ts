import { connect } from "node:net";
import type { Socket } from "node:net";
import { AddressError, splitHostPort } from "./listen-address.ts";
import type { HostPort } from "./listen-address.ts";
import { keepAlive } from "./listener.ts";

export interface Dialling {
  /** Who is waiting: when it goes away, the dial is given up. */
  readonly client: Socket;
  connected(server: Socket): void;
  failed(reason: string): void;
}

/** Longer than three SYN retransmissions (1, 2, 4 s); Toxiproxy waits without a bound. */
const deadlineMs = 10_000;

/** Connects to `upstream`; exactly one of `connected` and `failed` is called, unless the client goes away first. */
export function dial(upstream: string, dialling: Dialling): void {
  const address = parseUpstream(upstream);
  if (typeof address === "string") return dialling.failed(address);
  const server = connect({ ...address, allowHalfOpen: true, noDelay: true, ...keepAlive });
  const giveUp = (): void => void server.destroy();
  const settle = (): void => {
    server.setTimeout(0);
    server.removeListener("timeout", expire);
    server.removeListener("error", fail);
    dialling.client.removeListener("close", giveUp);
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    settle();
    server.on("error", () => {});
    server.destroy();
    dialling.failed(error.code ?? error.message);
  };
  const expire = (): void => fail(new Error(`no answer within ${deadlineMs} ms`));
  server.setTimeout(deadlineMs, expire);
  server.once("error", fail);
  dialling.client.once("close", giveUp);
  server.once("connect", () => {
    settle();
    dialling.connected(server);
  });
}

/** The address, or what is wrong with it. */
export function parseUpstream(upstream: string): HostPort | string {
  try {
    const { host, port } = splitHostPort(upstream);
    return { host: host === "" ? "127.0.0.1" : host, port };
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}
