import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disconnect } from "../../src/chaos/disconnect.ts";
import type { FaultContext } from "../../src/chaos/fault.ts";
import { halfOpen } from "../../src/chaos/half-open.ts";
import { linkDown } from "../../src/chaos/link-down.ts";
import { postgresCut } from "../../src/chaos/postgres-cut.ts";
import { toxic } from "../../src/chaos/toxic.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import type { Link, ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { toxicTypes } from "../../src/proxy/toxics/registry.ts";
import { faultContext } from "./fault-context.ts";

/** An echo behind a link of the embedded proxy: these faults are tested at the socket. */
let echo: Server;
let proxy: ToxiproxyServer;
let link: Link;
let lost = 0;
const sockets: Socket[] = [];

beforeEach(async () => {
  lost = 0;
  echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await once(echo.listen(0, "127.0.0.1"), "listening");
  proxy = await startToxiproxy({ server: "embedded", image: "", seed: 1 });
  const { port } = echo.address() as AddressInfo;
  link = await proxy.createLink({ name: "echo", upstream: { host: "127.0.0.1", port } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.stop();
  echo.close();
});

async function client(): Promise<Socket> {
  const socket = connect(link.listen.port, link.listen.host);
  sockets.push(socket);
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

/** The code with which a connection to the link fails; null: it was made. */
async function refusal(): Promise<string | null> {
  const socket = connect(link.listen.port, link.listen.host);
  sockets.push(socket);
  return await new Promise((resolve) => {
    socket.once("connect", () => resolve(null));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

const context = (): FaultContext => faultContext({ link: () => link, connectionsLost: () => lost });

describe("link-down", () => {
  it("closes connections and refuses new ones until it is healed", async () => {
    const socket = await client();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const fault = linkDown.create({ link: "postgres" }, context());
    await fault.inject();
    await closed;
    expect(await refusal()).toBe("ECONNREFUSED");
    expect(await fault.witnessed?.()).toMatchObject([{ aim: expect.stringContaining("1 conn") }]);
    await fault.heal();
    await fault.heal();
    await echoed(await client(), "again");
  });

  it("has hit nothing where nobody was connected and nobody came", async () => {
    const fault = linkDown.create({ link: "postgres" }, context());
    await fault.inject();
    expect(await fault.witnessed?.()).toEqual([]);
  });
});

describe("disconnect of one", () => {
  const cutOne = () => disconnect.create({ link: "postgres", who: "one" }, context());

  it("cuts one connection and leaves the others", async () => {
    const pair = [await client(), await client()];
    expect(await cutOne().inject()).toMatchObject({ outcome: "hit", note: "1 cut" });
    const left = pair.filter((socket) => !socket.destroyed);
    expect(left).toHaveLength(1);
    await echoed(left[0] as Socket, "still here");
  });

  it("says that it missed where nobody is connected", async () => {
    expect(await cutOne().inject()).toMatchObject({ outcome: "missed" });
  });
});

describe("half-open", () => {
  const silence = (connections: number) =>
    halfOpen.create({ link: "postgres", connections }, context());

  it("lets nothing through and keeps the sockets open; heal ends them, for their streams have a hole", async () => {
    const [first, second] = [await client(), await client()];
    const fault = silence(1);
    expect(await fault.inject()).toMatchObject({ outcome: "hit" });
    const answered = new Set<Socket>();
    for (const socket of [first, second]) socket.on("data", () => answered.add(socket));
    for (const socket of [first, second]) socket.write("anybody?");
    await expect.poll(() => answered.size).toBe(1);
    // The one that was written to first would have been answered first, had it been let through.
    const silent = [first, second].find((socket) => !answered.has(socket)) as Socket;
    expect(silent.destroyed).toBe(false);
    const closed = new Promise((resolve) => silent.once("close", resolve));
    await fault.heal();
    await closed;
    await fault.heal();
    expect(answered.size).toBe(1);
  });

  it("says that it missed where nobody is connected", async () => {
    expect(await silence(1).inject()).toMatchObject({ outcome: "missed" });
  });
});

describe("postgres-cut", () => {
  it("is the toxic of that name with its settings by name, gone when it is healed", async () => {
    const settings = postgresCut.settings.parse({ moment: "after", share: 0.5, times: 2 });
    const fault = postgresCut.create(settings, context());
    await fault.inject();
    expect(await link.toxics()).toMatchObject([
      { type: "postgres_cut", attributes: { moment: "after", times: 2, probability: 0.5 } },
    ]);
    await fault.heal();
    await fault.heal();
    expect(await link.toxics()).toEqual([]);
  });
});

describe("toxic", () => {
  it.each([...toxicTypes.keys()])(
    "%s is added with its own defaults and removed again",
    async (type) => {
      const fault = toxic.create(toxic.settings.parse({ type }), context());
      await fault.inject();
      expect(await link.toxics()).toMatchObject([{ type }]);
      await fault.heal();
      expect(await link.toxics()).toEqual([]);
    },
  );
});
