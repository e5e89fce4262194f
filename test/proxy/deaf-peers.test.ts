import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { ProxyServer } from "../../src/proxy/server.ts";
import { ApiClient } from "./api-client.ts";
import { Peer, Upstream } from "./peer.ts";

/** Neither side reads, and every buffer on the way is full: the real server's calls hang here, up to 25 s and longer. */
let server: ProxyServer;
let api: ApiClient;
let upstream: Upstream;
let peers: readonly Peer[];

beforeEach(async () => {
  server = await ProxyServer.start();
  api = new ApiClient(server.url);
  upstream = await Upstream.open();
  const listen = await api.proxy("deaf", upstream.address);
  for (const stream of ["upstream", "downstream"]) {
    const attributes = { latency: 1 };
    await api.toxic("deaf", { name: `slow-${stream}`, type: "latency", stream, attributes });
  }
  const client = await Peer.connect(listen);
  peers = [client, await upstream.accepted()];
  for (const { socket } of peers) socket.pause();
  for (const { socket } of peers) for (let i = 0; i < 64; i++) socket.write(mebibyte);
  const areStuck = async (): Promise<boolean> => {
    const before = await receivedBytes();
    const later = await receivedBytes();
    return before > 0 && before === later;
  };
  const inTime = await waitUntil(areStuck, { ms: 20_000, everyMs: 50 });
  if (!inTime) throw new Error("the proxy goes on reading, although nobody reads what it writes");
});

afterEach(async () => {
  for (const { socket } of peers) socket.destroy();
  await upstream[Symbol.asyncDispose]();
  await server.stop();
});

const mebibyte = Buffer.alloc(1024 * 1024);

async function receivedBytes(): Promise<number> {
  const lines = (await api.get("/metrics")).text.split("\n");
  const counts = lines.filter((line) => line.startsWith("toxiproxy_proxy_received_bytes_total"));
  return counts.map((line) => Number(line.split(" ").at(-1))).reduce((sum, bytes) => sum + bytes);
}

const toxics = "/proxies/deaf/toxics";
/** Every call that changes something of a proxy with connections, or looks at it. */
const calls: readonly [string, string, unknown?][] = [
  ["GET", "/proxies"],
  ["GET", "/proxies/deaf"],
  ["GET", toxics],
  ["GET", "/proxies/deaf/connections"],
  ["GET", "/events?since=0"],
  ["POST", toxics, { type: "noop" }],
  ["POST", toxics, { type: "slicer", stream: "upstream", attributes: { average_size: 1 } }],
  ["POST", toxics, { type: "bandwidth", attributes: { rate: 1 } }],
  ["PATCH", `${toxics}/slow-downstream`, { attributes: { latency: 2 } }],
  ["PATCH", `${toxics}/slow-upstream`, { toxicity: 0 }],
  ["DELETE", `${toxics}/slow-downstream`],
  ["POST", "/reset"],
  ["DELETE", "/proxies/deaf/connections/1?how=silent"],
  ["DELETE", "/proxies/deaf/connections/1?how=fin"],
  ["DELETE", "/proxies/deaf/connections/1?how=rst"],
  ["PATCH", "/proxies/deaf", { upstream: "127.0.0.1:1" }],
  ["PATCH", "/proxies/deaf", { enabled: false }],
  ["POST", "/populate", [{ name: "deaf", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" }]],
  ["DELETE", "/proxies/deaf"],
];

describe("while no peer reads", () => {
  it.each(calls)("%s %s answers", async (...call) => {
    const { status } = await api.send(...call);
    expect(status).toBeLessThan(300);
    expect((await api.get("/version")).status).toBe(200);
  });
});
