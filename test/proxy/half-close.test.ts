import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { ProxyServer } from "../../src/proxy/server.ts";
import { ApiClient } from "./api-client.ts";
import { Peer, Upstream } from "./peer.ts";

let server: ProxyServer;
let api: ApiClient;

beforeAll(async () => {
  server = await ProxyServer.start();
  api = new ApiClient(server.url);
});

afterAll(() => server.stop());

interface Line {
  readonly proxy: string;
  readonly client: Peer;
  readonly backend: Peer;
}

let lines = 0;

async function openLine(upstream: Upstream): Promise<Line> {
  const proxy = `half-${++lines}`;
  const body = { name: proxy, upstream: upstream.address, listen: "127.0.0.1:0", halfClose: true };
  const { listen, halfClose } = await api.must("POST", "/proxies", body);
  expect(halfClose).toBe(true);
  return {
    proxy,
    client: await Peer.connect(String(listen)),
    backend: await upstream.accepted(),
  };
}

async function expectNoConnection(proxy: string): Promise<void> {
  const isEmpty = async (): Promise<boolean> =>
    (await api.get(`/proxies/${proxy}/connections`)).text === "[]";
  expect(await waitUntil(isEmpty, { ms: 20_000, everyMs: 5 })).toBe(true);
}

describe("a proxy with halfClose", () => {
  it("passes the answer to a client that has said all it has to say", async () => {
    await using upstream = await Upstream.open();
    const { proxy, client, backend } = await openLine(upstream);
    client.send("question");
    client.socket.end();
    expect((await backend.readToEnd()).toString()).toBe("question");
    backend.send("answer");
    await client.readText("answer");
    backend.send(", and more");
    backend.socket.end();
    expect((await client.readToEnd()).toString()).toBe(", and more");
    await expectNoConnection(proxy);
  });

  it("works the other way round, too", async () => {
    await using upstream = await Upstream.open();
    const { proxy, client, backend } = await openLine(upstream);
    backend.socket.end();
    expect(await client.ended()).toBe("fin");
    client.send("still here");
    await backend.readText("still here");
    client.socket.end();
    await expectNoConnection(proxy);
  });

  /** A reset of a connection whose end was read already is noticed by who writes to it, not before. */
  it("keeps no half for a peer that is gone", async () => {
    await using upstream = await Upstream.open();
    const { proxy, client, backend } = await openLine(upstream);
    client.socket.end();
    expect(await backend.ended()).toBe("fin");
    client.socket.resetAndDestroy();
    backend.send("answer");
    await expectNoConnection(proxy);
  });

  it("is closed as a whole by a toxic that ends it", async () => {
    await using upstream = await Upstream.open();
    const { proxy, client, backend } = await openLine(upstream);
    await api.toxic(proxy, { type: "limit_data", attributes: { bytes: 3 } });
    backend.send("four");
    expect((await client.readToEnd()).toString()).toBe("fou");
    expect(await backend.ended()).toBe("fin");
    client.socket.end();
    backend.socket.end();
    await expectNoConnection(proxy);
  });
});
