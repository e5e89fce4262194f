import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { ProxyServer } from "../../src/proxy/server.ts";
import { ApiClient } from "./api-client.ts";
import { Peer, Upstream } from "./peer.ts";

let server: ProxyServer;
let api: ApiClient;
let proxies = 0;

const mebibyte = 1024 * 1024;
const foreverMs = 600_000;

beforeAll(async () => {
  server = await ProxyServer.start({ seed: 3 });
  api = new ApiClient(server.url);
});

afterAll(() => server.stop());

interface Line {
  readonly proxy: string;
  readonly listen: string;
  readonly client: Peer;
  readonly server: Peer;
}

async function openLine(upstream: Upstream): Promise<Line> {
  const proxy = `link-${++proxies}`;
  const listen = await api.proxy(proxy, upstream.address);
  const client = await Peer.connect(listen);
  return { proxy, listen, client, server: await upstream.accepted() };
}

/** The events of the proxy, once its connection is over. */
async function eventsToTheEnd(proxy: string): Promise<readonly Record<string, unknown>[]> {
  const isOver = async (): Promise<boolean> =>
    (await api.events(proxy)).some(({ kind }) => kind === "close");
  expect(await waitUntil(isOver, { ms: 20_000, everyMs: 5 })).toBe(true);
  return await api.events(proxy);
}

describe("a link", () => {
  it("loses no byte and no order while toxics come, change and go", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const data = randomBytes(2_000_000);
    const arrived = line.client.read(data.length);
    const sending = send(line.server, data);
    const toxics = [
      { type: "latency", attributes: { latency: 3, jitter: 3 } },
      { type: "slicer", attributes: { average_size: 700, size_variation: 300, delay: 10 } },
      { type: "bandwidth", attributes: { rate: 0 } },
      { type: "slow_close", attributes: { delay: 10 } },
    ];
    for (let round = 0; round < 6; round++) {
      const paths: string[] = [];
      for (const toxic of toxics) paths.push(await api.toxic(line.proxy, toxic));
      for (const path of paths) await api.must("PATCH", path, { toxicity: round % 2 });
      for (const path of paths) await api.must("PATCH", path, { toxicity: 1 });
      for (const path of paths.toReversed()) await api.must("DELETE", path);
    }
    await sending;
    expect((await arrived).equals(data)).toBe(true);
  });

  /** What the proxy reads ahead: the toxic's capacity, the chunk that filled it, and nothing else. */
  it.each([
    ["latency", { latency: foreverMs }, 32 * mebibyte],
    ["bandwidth", { rate: 0 }, 0],
    ["reset_peer", { timeout: foreverMs }, 0],
    ["slicer", { average_size: 1000, delay: foreverMs * 1000 }, 0],
  ] as const)("with %s reads no more than it may hold", async (type, attributes, capacityBytes) => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const path = await api.toxic(line.proxy, { type, attributes });
    const data = Buffer.alloc(40 * mebibyte, "x");
    const sending = send(line.server, data);
    const heldBytes = await settledReceivedBytes(line.proxy);
    expect(heldBytes).toBeGreaterThan(0);
    expect(heldBytes).toBeLessThanOrEqual(capacityBytes + 2 * mebibyte);
    await api.must("DELETE", path);
    expect(await line.client.read(data.length)).toHaveLength(data.length);
    await sending;
  });

  it("reads no more for a client that does not read", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    line.client.socket.pause();
    const data = Buffer.alloc(64 * mebibyte, "x");
    const sending = send(line.server, data);
    // The kernel's buffers for the client's socket hold some MiB as well.
    expect(await settledReceivedBytes(line.proxy)).toBeLessThan(32 * mebibyte);
    line.client.socket.resume();
    expect(await line.client.read(data.length)).toHaveLength(data.length);
    await sending;
  });

  it("keeps each connection's bytes apart, whatever the chunks", async () => {
    await using upstream = await Upstream.open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 8 }),
        async (chunks) => {
          const line = await openLine(upstream);
          const all = Buffer.concat(chunks);
          for (const chunk of chunks) line.client.send(Buffer.from(chunk));
          expect((await line.server.read(all.length)).equals(all)).toBe(true);
          line.client.socket.destroy();
          await line.server.ended();
        },
      ),
      { numRuns: 25 },
    );
  });

  it("limit_time ends a busy connection, and says so", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    await api.toxic(line.proxy, { type: "limit_time", attributes: { time: 60 } });
    const chatter = setInterval(() => line.server.send("busy"), 5);
    expect(await line.client.ended()).toBe("fin");
    clearInterval(chatter);
    expect(await eventsToTheEnd(line.proxy)).toMatchObject([
      { kind: "connect" },
      { kind: "toxic", toxic: "limit_time_downstream", type: "limit_time" },
      { kind: "close" },
    ]);
  });

  it("reset_peer: its removal in time lets the held data pass", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const attributes = { timeout: 600_000 };
    const path = await api.toxic(line.proxy, { type: "reset_peer", attributes });
    line.server.send("held");
    line.client.send("witness");
    await line.server.readText("witness");
    await api.must("DELETE", path);
    expect((await line.client.read(4)).toString()).toBe("held");
  });

  it("timeout: lowering its toxicity ends the connections it had affected", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const path = await api.toxic(line.proxy, { type: "timeout", attributes: { timeout: 0 } });
    await api.must("PATCH", path, { toxicity: 0 });
    expect(await line.client.ended()).toBe("fin");
  });

  it("tells each toxic's first effect on a connection once", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    await api.toxic(line.proxy, { type: "latency", attributes: { latency: 1 } });
    for (let i = 0; i < 5; i++) {
      line.server.send("x");
      await line.client.readText("x");
    }
    const hits = (await api.events(line.proxy)).filter(({ kind }) => kind === "toxic");
    expect(hits).toMatchObject([{ toxic: "latency_downstream", stream: "downstream" }]);
  });
});

describe("a connection", () => {
  it.each([
    ["fin", "fin"],
    ["rst", "rst"],
  ] as const)("cut by %s ends so for both peers", async (how, end) => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const { text } = await api.get(`/proxies/${line.proxy}/connections`);
    const [{ id }] = JSON.parse(text) as [{ id: number }];
    const path = `/proxies/${line.proxy}/connections/${id}`;
    expect((await api.delete(`${path}?how=${how}`)).status).toBe(204);
    expect(await line.client.ended()).toBe(end);
    expect(await line.server.ended()).toBe(end);
    expect(await eventsToTheEnd(line.proxy)).toMatchObject([
      { kind: "connect", connection: id },
      { kind: "close", connection: id, reason: "api" },
    ]);
    expect((await api.delete(path)).text).toContain("connection not found");
  });

  it("cut silently stays open, and nothing passes", async () => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const other = await Peer.connect(line.listen);
    const { text } = await api.get(`/proxies/${line.proxy}/connections`);
    const [{ id }] = JSON.parse(text) as [{ id: number }];
    const path = `/proxies/${line.proxy}/connections/${id}`;
    expect((await api.delete(`${path}?how=silent`)).status).toBe(204);
    line.client.send("lost");
    line.server.send("lost");
    const witness = await upstream.accepted();
    other.send("witness");
    await witness.readText("witness");
    expect(line.client.isOver || line.server.isOver).toBe(false);
    // What one side does is not seen by the other, and no socket is left once both have gone.
    line.client.socket.destroy();
    await api.must("DELETE", path);
    expect(await line.server.readToEnd()).toHaveLength(0);
  });

  it.each(["how=sideways", "side=left"])("is not cut by ?%s", async (query) => {
    await using upstream = await Upstream.open();
    const line = await openLine(upstream);
    const { status, text } = await api.delete(`/proxies/${line.proxy}/connections/1?${query}`);
    expect([status, text]).toEqual([400, expect.stringContaining("must be one of")]);
  });
});

/** How much the proxy has read from the server, once that does not change any more. */
async function settledReceivedBytes(proxy: string): Promise<number> {
  const wanted = `received_bytes_total{direction="downstream"`;
  let receivedBytes = -1;
  let quietTurns = 0;
  const isSettled = async (): Promise<boolean> => {
    const lines = (await api.get("/metrics")).text.split("\n");
    const line = lines.find((text) => text.includes(wanted) && text.includes(`"${proxy}"`));
    const nowBytes = Number(line?.split(" ").at(-1));
    quietTurns = nowBytes === receivedBytes && nowBytes > 0 ? quietTurns + 1 : 0;
    receivedBytes = nowBytes;
    return quietTurns === 10;
  };
  expect(await waitUntil(isSettled, { ms: 20_000, everyMs: 10 })).toBe(true);
  return receivedBytes;
}

/** Writes all of it, at the pace the socket takes it. */
async function send(peer: Peer, data: Buffer): Promise<void> {
  const pieceBytes = 64 * 1024;
  for (let start = 0; start < data.length; start += pieceBytes) {
    if (peer.socket.write(data.subarray(start, start + pieceBytes))) continue;
    await new Promise((resolve) => peer.socket.once("drain", resolve));
  }
}
