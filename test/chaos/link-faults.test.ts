import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disconnect } from "../../src/chaos/disconnect.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { toxic } from "../../src/chaos/toxic.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { Link, ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { faultContext } from "./fault-context.ts";

/** An echo behind a link of the embedded proxy: these faults are tested at the socket, not in a database. */
let echo: Server;
let proxy: ToxiproxyServer;
let link: Link;
let lost = 0;

beforeEach(async () => {
  lost = 0;
  echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await once(echo.listen(0, "127.0.0.1"), "listening");
  proxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { port } = echo.address() as AddressInfo;
  link = await proxy.createLink({ name: "echo", upstream: { host: "127.0.0.1", port } });
});
afterEach(async () => {
  await proxy.stop();
  echo.close();
});

async function client(): Promise<Socket> {
  const socket = connect(link.listen.port, link.listen.host);
  socket.on("error", () => undefined).on("close", () => lost++);
  await once(socket, "connect");
  await echoed(socket, "hello");
  return socket;
}

async function echoed(socket: Socket, text: string): Promise<void> {
  const answer = once(socket, "data");
  socket.write(text);
  expect(String((await answer)[0])).toBe(text);
}

const context = (): FaultContext =>
  faultContext({ id: "toxic-1", link: () => link, connectionsLost: () => lost });

describe("toxic", () => {
  const latency = () =>
    toxic.create(toxic.settings.parse({ type: "latency", attributes: { latency: 30 } }), context());

  it("stands until it is healed, and the proxy tells which connections it affected", async () => {
    const [used] = [await client(), await client()];
    const fault = latency();
    expect(await fault.inject()).toMatchObject({ outcome: "applied" });
    expect(await link.toxics()).toMatchObject([{ type: "latency", attributes: { latency: 30 } }]);
    const begun = performance.now();
    await echoed(used, "slow");
    // A timer may fire up to a millisecond early.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
    expect(await fault.witnessed?.()).toHaveLength(1);
    await fault.heal();
    await fault.heal();
    expect(await link.toxics()).toEqual([]);
  });

  it("that stood where nothing passed has hit nothing", async () => {
    await client();
    const fault = latency();
    await fault.inject();
    expect(await fault.witnessed?.()).toEqual([]);
  });

  it("is not told of what another toxic of its name did before it", async () => {
    const used = await client();
    const before = latency();
    await before.inject();
    await echoed(used, "slow");
    await before.heal();
    const now = latency();
    await now.inject();
    expect(await now.witnessed?.()).toEqual([]);
  });
});

describe("disconnect", () => {
  const cut = () => disconnect.create(disconnect.settings.parse({}), context());

  it("closes every connection, and lets new ones in at once", async () => {
    const sockets = [await client(), await client()];
    const closed = sockets.map((socket) => once(socket, "close"));
    expect(await cut().inject()).toMatchObject({ outcome: "hit" });
    await Promise.all(closed);
    await echoed(await client(), "again");
  });

  it("says that it missed where nobody was connected", async () => {
    expect(await cut().inject()).toMatchObject({ outcome: "missed" });
  });
});
