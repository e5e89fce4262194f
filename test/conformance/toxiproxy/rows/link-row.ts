import type { ApiClient } from "../../../proxy/api-client.ts";
import type { Peer } from "../../../proxy/peer.ts";

/** What a connection through a proxy with toxics does, at the sockets of its two peers. */
export interface LinkRow {
  readonly what: string;
  /** The embedded server differs on purpose: why. The row then asserts both behaviours. */
  readonly differs?: string;
  check(bench: LinkBench): Promise<void>;
}

/** A proxy in front of an upstream whose connections the test takes. */
export interface LinkBench {
  readonly kind: "embedded" | "real";
  readonly api: ApiClient;
  readonly proxy: string;
  readonly listen: string;
  /** Resolves when the server has died. */
  readonly died: Promise<void>;
  /** A client, and the server side of its connection. */
  readonly connect: () => Promise<Pair>;
  /** Returns the toxic's path. */
  readonly add: (
    type: string,
    attributes?: Readonly<Record<string, number>>,
    more?: ToxicFields,
  ) => Promise<string>;
}

export interface ToxicFields {
  readonly name?: string;
  readonly stream?: "upstream" | "downstream";
  readonly toxicity?: number;
}

export interface Pair {
  readonly client: Peer;
  readonly server: Peer;
}

/** Longer than any test waits: what is over before has been released, not waited for. */
export const foreverMs = 600_000;

/** How long `work` took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Bytes pass from the server to the client, and back. */
export async function expectFlow({ client, server }: Pair): Promise<void> {
  server.send("down");
  await client.readText("down");
  client.send("up");
  await server.readText("up");
}
