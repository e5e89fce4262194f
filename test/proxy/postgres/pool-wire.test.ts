import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { ProxyServer } from "../../../src/proxy/server.ts";
import { ApiClient } from "../api-client.ts";
import { Peer, Upstream } from "../peer.ts";
import { message, wire } from "./wire.ts";

/** Moments that a real server passes through too quickly to be met: the test plays it. */
let server: ProxyServer;
let api: ApiClient;
let upstream: Upstream;
let listen: string;

beforeEach(async () => {
  server = await ProxyServer.start();
  api = new ApiClient(server.url);
  upstream = await Upstream.open();
  const body = { name: "pool", listen: "127.0.0.1:0", upstream: upstream.address };
  listen = String((await api.must("POST", "/proxies", { ...body, pool: { size: 1 } }))["listen"]);
});

afterEach(async () => {
  await server.stop();
  await upstream[Symbol.asyncDispose]();
});

const pid = 4711;
const messageTypes = "Q P B D E C H S F X d c f p R K Z 1 2 3 T N A G".split(" ");
const greeting = Buffer.concat([wire.authenticated(), wire.keyData(pid), wire.ready("I")]);
const select = wire.query("SELECT 1");

interface Member {
  readonly client: Peer;
  /** Of the key that the pool gave it. */
  readonly key: Buffer;
}

/** The first client, whose login the backend answers. */
async function logIn(): Promise<Member & { readonly backend: Peer }> {
  const client = await Peer.connect(listen);
  client.send(wire.startup());
  const backend = await upstream.accepted();
  expect(await backend.read(wire.startup().length)).toEqual(wire.startup());
  backend.send(greeting);
  return { client, key: await keyIn(client), backend };
}

/** A later one, whom the pool lets in. */
async function join(): Promise<Member> {
  const client = await Peer.connect(listen);
  client.send(wire.startup());
  return { client, key: await keyIn(client) };
}

/** The pool's own key, not the backend's. */
async function keyIn(client: Peer): Promise<Buffer> {
  const answer = await client.read(greeting.length);
  const start = wire.authenticated().length;
  const key = answer.subarray(start + 5, start + 13);
  expect(key.readInt32BE(0)).not.toBe(pid);
  return Buffer.from(key);
}

function cancelRequest(key: Buffer): Buffer {
  const request = wire.cancelRequest(0);
  key.copy(request, 8);
  return request;
}

interface PoolState {
  readonly waiting: number;
  readonly backends: readonly { readonly busy: boolean }[];
}

async function poolState(): Promise<PoolState> {
  return (await api.must("GET", "/proxies/pool/pool")) as unknown as PoolState;
}

async function expectWaiting(waiting: number): Promise<void> {
  const holds = async (): Promise<boolean> => (await poolState()).waiting === waiting;
  expect(await waitUntil(holds, { ms: 20_000, everyMs: 5 })).toBe(true);
}

describe("a pool, message by message", () => {
  it("lends a backend to nobody while a cancel request is on its way to it", async () => {
    const { client, key, backend } = await logIn();
    const next = await join();
    client.send(select);
    await backend.read(select.length);
    next.client.send(wire.query("SELECT 2"));
    await expectWaiting(1);
    const request = await Peer.connect(listen);
    request.send(cancelRequest(key));
    const arriving = await upstream.accepted();
    // With the backend's own key.
    expect(await arriving.read(16)).toEqual(cancelRequest(wire.keyData(pid).subarray(5)));
    backend.send(wire.ready("I"));
    await client.read(wire.ready("I").length);
    expect(await poolState()).toMatchObject({ waiting: 1 });
    expect(backend.received).toHaveLength(0);
    arriving.socket.end();
    expect(await backend.read(wire.query("SELECT 2").length)).toEqual(wire.query("SELECT 2"));
    expect(await request.ended()).toBe("fin");
  });

  it("does nothing for a cancel request with a wrong secret, or of a client without a statement", async () => {
    const { client, key, backend } = await logIn();
    const idle = await Peer.connect(listen);
    idle.send(cancelRequest(key));
    expect(await idle.ended()).toBe("fin");
    client.send(select);
    await backend.read(select.length);
    const wrong = Buffer.from(key);
    wrong.writeInt32BE(key.readInt32BE(4) ^ 1, 4);
    const stranger = await Peer.connect(listen);
    stranger.send(cancelRequest(wrong));
    expect(await stranger.ended()).toBe("fin");
    // The next that the upstream accepts would be the request.
    const right = await Peer.connect(listen);
    right.send(cancelRequest(key));
    expect(await (await upstream.accepted()).read(16)).toHaveLength(16);
  });

  it("keeps a backend until a message that the server did not wait for is through", async () => {
    const { client, backend } = await logIn();
    const next = await join();
    client.send(wire.query("COPY jobs FROM STDIN"));
    await backend.read(wire.query("COPY jobs FROM STDIN").length);
    const data = message("d", Buffer.alloc(3_000_000, "x"));
    client.send(data.subarray(0, 2_000_000));
    await backend.read(2_000_000);
    next.client.send(select);
    await expectWaiting(1);
    backend.send(wire.ready("I"));
    await client.read(wire.ready("I").length);
    expect(await poolState()).toMatchObject({ waiting: 1, backends: [{ busy: true }] });
    client.send(data.subarray(2_000_000));
    client.send(Buffer.concat([message("d", Buffer.from("more")), message("c")]));
    const rest = data.length - 2_000_000;
    // Then the next client's statement, and nothing of the COPY that is over.
    expect((await backend.read(rest + select.length)).subarray(rest)).toEqual(select);
  });

  /** Messages of every type with any body, and noise. */
  const anything = fc
    .array(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(fc.constantFrom(...messageTypes), fc.uint8Array({ maxLength: 40 }))
          .map(([type, body]) => message(type, Buffer.from(body))),
      ),
      { maxLength: 6 },
    )
    .map((parts) => Buffer.concat(parts));

  it("lives on, whatever clients and servers say", async () => {
    await fc.assert(
      fc.asyncProperty(anything, anything, fc.boolean(), async (asked, answered, isLoggedIn) => {
        const client = await Peer.connect(listen);
        client.send(wire.startup());
        const backend = await upstream.accepted();
        if (isLoggedIn) {
          backend.send(greeting);
          await client.read(greeting.length);
        }
        client.send(asked);
        backend.send(answered);
        client.socket.end();
        await client.ended();
        backend.socket.destroy();
        const isEmpty = async (): Promise<boolean> => (await poolState()).backends.length === 0;
        expect(await waitUntil(isEmpty, { ms: 20_000, everyMs: 2 })).toBe(true);
      }),
      { numRuns: 60 },
    );
    await logIn();
  });

  it("keeps a backend for a client that has not synced", async () => {
    const { client, backend } = await logIn();
    const next = await join();
    const parse = wire.parse("", "SELECT 1");
    client.send(Buffer.concat([parse, message("H")]));
    await backend.read(parse.length + 5);
    next.client.send(select);
    await expectWaiting(1);
    backend.send(message("1"));
    await client.read(5);
    expect(await poolState()).toMatchObject({ waiting: 1 });
    client.send(wire.sync());
    await backend.read(5);
    backend.send(wire.ready("I"));
    expect(await backend.read(select.length)).toEqual(select);
  });

  it("answers the pipelined statements of a client before it moves on", async () => {
    const { client, backend } = await logIn();
    const next = await join();
    client.send(Buffer.concat([select, select]));
    await backend.read(2 * select.length);
    next.client.send(wire.query("SELECT 2"));
    await expectWaiting(1);
    backend.send(wire.ready("I"));
    await client.read(6);
    expect(await poolState()).toMatchObject({ waiting: 1 });
    backend.send(wire.ready("I"));
    await backend.read(wire.query("SELECT 2").length);
  });

  it("gives its backend up with the client that waits in a queue, and hands on no answer of before", async () => {
    const { client, backend } = await logIn();
    const next = await join();
    client.send(select);
    await backend.read(select.length);
    client.socket.destroy();
    expect(await backend.ended()).toBe("fin");
    // The pool has no backend: who waits is told, and who comes logs in.
    next.client.send(select);
    expect((await next.client.readToEnd()).toString()).toContain("C08006");
    const { backend: fresh } = await logIn();
    expect(fresh).not.toBe(backend);
  });
});
