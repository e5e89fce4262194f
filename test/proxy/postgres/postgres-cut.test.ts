import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProxyServer } from "../../../src/proxy/server.ts";
import { ApiClient } from "../api-client.ts";
import { Peer, Upstream } from "../peer.ts";
import { wire } from "./wire.ts";

const pid = 4711;
let server: ProxyServer;
let api: ApiClient;

beforeAll(async () => {
  server = await ProxyServer.start({ seed: 1 });
  api = new ApiClient(server.url);
});

afterAll(() => server.stop());

interface Session {
  readonly proxy: string;
  readonly client: Peer;
  readonly backend: Peer;
}

let sessions = 0;

/** A client that has logged in through a proxy to a backend that the test plays. */
async function logIn(upstream: Upstream): Promise<Session> {
  const proxy = `session-${++sessions}`;
  const client = await Peer.connect(await api.proxy(proxy, upstream.address));
  const backend = await upstream.accepted();
  await exchange({ client, backend }, wire.startup(), [
    wire.authenticated(),
    wire.keyData(pid),
    wire.ready("I"),
  ]);
  return { proxy, client, backend };
}

/** The client's bytes reach the backend, and its answer the client. */
async function exchange(
  { client, backend }: Pick<Session, "client" | "backend">,
  question: Buffer,
  answer: readonly Buffer[],
): Promise<void> {
  client.send(question);
  expect(await backend.read(question.length)).toEqual(question);
  const reply = Buffer.concat(answer);
  backend.send(reply);
  expect(await client.read(reply.length)).toEqual(reply);
}

function addCut(session: Session, attributes: Readonly<Record<string, unknown>>): Promise<string> {
  return api.toxic(session.proxy, { name: "cut", type: "postgres_cut", attributes });
}

async function eventsOf(proxy: string, kind: string): Promise<readonly Record<string, unknown>[]> {
  return (await api.events(proxy)).filter((event) => event["kind"] === kind);
}

const begin = [wire.query("BEGIN"), [wire.complete("BEGIN"), wire.ready("T")]] as const;
const update = wire.query("UPDATE jobs SET status = 'claimed'");
const updated = [wire.complete("UPDATE 1"), wire.ready("T")];

describe("postgres_cut", () => {
  it("before: the matching statement never reaches the server", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", sql: "update\\s+jobs" });
    await exchange(session, ...begin);
    session.client.send(update);
    expect(await session.backend.readToEnd()).toHaveLength(0);
    expect(await session.client.readToEnd()).toHaveLength(0);
    expect(await eventsOf(session.proxy, "toxic")).toMatchObject([
      { toxic: "cut", type: "postgres_cut", moment: "before", pid, statement: 2, transaction: 1 },
    ]);
  });

  it("before: holds a statement back until enough of it has come to be matched", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", sql: "claimed" });
    session.client.send(update.subarray(0, 9));
    await exchange({ client: session.client, backend: session.backend }, Buffer.alloc(0), [
      wire.row("a notice in between"),
    ]);
    expect(session.backend.received).toHaveLength(0);
    session.client.send(update.subarray(9));
    expect(await session.backend.readToEnd()).toHaveLength(0);
  });

  it("after: executed, and the answer never reaches the client", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "after", statement: 2 });
    await exchange(session, ...begin);
    session.client.send(update);
    expect(await session.backend.read(update.length)).toEqual(update);
    session.backend.send(updated[0] as Buffer);
    session.backend.send(updated[1] as Buffer);
    expect(await session.client.readToEnd()).toHaveLength(0);
    expect(await session.backend.ended()).toBe("fin");
  });

  it("commit-withheld: the COMMIT of the matching transaction never reaches the server", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "commit-withheld", sql: "update jobs" });
    await exchange(session, ...begin);
    await exchange(session, wire.query("COMMIT"), [wire.complete("COMMIT"), wire.ready("I")]);
    await exchange(session, ...begin);
    await exchange(session, update, updated);
    session.client.send(wire.query("COMMIT"));
    expect(await session.backend.readToEnd()).toHaveLength(0);
    expect(await eventsOf(session.proxy, "toxic")).toMatchObject([
      { transaction: 2, statement: 5 },
    ]);
  });

  it("commit-unanswered: the server commits and the client does not hear of it", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "commit-unanswered", how: "rst" });
    await exchange(session, ...begin);
    await exchange(session, update, updated);
    session.client.send(wire.query("COMMIT"));
    await session.backend.read(wire.query("COMMIT").length);
    session.backend.send(Buffer.concat([wire.complete("COMMIT"), wire.ready("I")]));
    expect(await session.client.ended()).toBe("rst");
    expect(await session.backend.ended()).toBe("rst");
    expect(session.client.received).toHaveLength(0);
  });

  it("commit-unanswered: a matching statement outside a block is its own commit", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "commit-unanswered", sql: "update" });
    await exchange(session, wire.query("SELECT 1"), [wire.complete("SELECT 1"), wire.ready("I")]);
    session.client.send(update);
    await session.backend.read(update.length);
    session.backend.send(Buffer.concat([wire.complete("UPDATE 1"), wire.ready("I")]));
    expect(await session.client.readToEnd()).toHaveLength(0);
  });

  it("truncate: the client gets half of the first row and no more", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "truncate", name: "claim" });
    const row = wire.row("x".repeat(200));
    const question = Buffer.concat([
      wire.parse("claim", "SELECT 1"),
      wire.bind("claim"),
      wire.execute(),
      wire.sync(),
    ]);
    session.client.send(question);
    await session.backend.read(question.length);
    const rest = [wire.complete("SELECT 1"), wire.ready("I")];
    for (const part of [row.subarray(0, 20), row.subarray(20), ...rest]) session.backend.send(part);
    const half = Math.floor(row.length / 2);
    expect(await session.client.readToEnd()).toEqual(row.subarray(0, half));
  });

  it("truncate: the half that passes is not lost in a latency toxic", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await api.toxic(session.proxy, { type: "latency", attributes: { latency: 30 } });
    await addCut(session, { moment: "truncate" });
    session.client.send(wire.query("SELECT 1"));
    await session.backend.read(wire.query("SELECT 1").length);
    session.backend.send(Buffer.concat([wire.row("1234567890"), wire.ready("I")]));
    const half = Math.floor(wire.row("1234567890").length / 2);
    expect(await session.client.readToEnd()).toHaveLength(half);
  });

  const question = Buffer.concat([
    wire.parse("claim", "SELECT 1"),
    wire.bind("claim"),
    wire.execute(),
    wire.sync(),
  ]);

  it("request: the server gets what came before the message, and half of it if that is wanted", async () => {
    await using upstream = await Upstream.open();
    const [parse, bind] = [wire.parse("claim", "SELECT 1"), wire.bind("claim")];
    const whole = await logIn(upstream);
    await exchange(whole, ...begin);
    await addCut(whole, { moment: "request", message: 2 });
    whole.client.send(question);
    expect(await whole.backend.readToEnd()).toEqual(parse);
    expect(await whole.client.readToEnd()).toHaveLength(0);
    expect(await eventsOf(whole.proxy, "toxic")).toMatchObject([
      { moment: "request", message: 2, pid },
    ]);
    const half = await logIn(upstream);
    await addCut(half, { moment: "request", message: 2, part: "half" });
    half.client.send(question);
    const some = bind.subarray(0, Math.floor(bind.length / 2));
    expect(await half.backend.readToEnd()).toEqual(Buffer.concat([parse, some]));
  });

  it("answer: the client gets what came before the message, and the server is cut when it has answered", async () => {
    await using upstream = await Upstream.open();
    const answer = [wire.row("1"), wire.complete("SELECT 1"), wire.ready("I")] as const;
    for (const [message, part, got] of [
      [1, "none", 0],
      [2, "none", answer[0].length],
      [3, "none", answer[0].length + answer[1].length],
      [3, "half", answer[0].length + answer[1].length + 3],
    ] as const) {
      const session = await logIn(upstream);
      await addCut(session, { moment: "answer", message, part });
      session.client.send(question);
      expect(await session.backend.read(question.length)).toEqual(question);
      for (const each of answer) session.backend.send(each);
      expect(await session.client.readToEnd()).toEqual(Buffer.concat(answer).subarray(0, got));
      expect(await session.backend.ended()).toBe("fin");
    }
  });

  it("listen: tells of every message, and cuts nothing", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "listen" });
    await exchange(session, ...begin);
    await exchange(session, update, updated);
    const events = await eventsOf(session.proxy, "message");
    const types = events.map(({ moment, type }) => `${String(moment)} ${String(type)}`);
    const each = ["request Q", "answer C", "answer Z"];
    expect(types).toEqual([...each, ...each]);
    expect(events[0]).toMatchObject({ bytes: wire.query("BEGIN").length });
  });

  it("request and answer: are refused without the number of a message", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    const refused = await addCut(session, { moment: "answer" }).catch(String);
    expect(refused).toContain("message must be 1 or more");
  });

  it("blackhole: the sockets stay open and nothing passes, until the toxic is removed", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    const path = await addCut(session, { moment: "blackhole", sql: "update" });
    await exchange(session, ...begin);
    session.client.send(update);
    await session.backend.read(update.length);
    session.backend.send(Buffer.concat(updated));
    session.client.send(wire.query("SELECT 1"));
    // A later connection that is answered shows that the earlier bytes were dealt with.
    const witness = await logIn(upstream);
    await exchange(witness, wire.query("SELECT 1"), [wire.ready("I")]);
    expect(session.client.isOver || session.backend.isOver).toBe(false);
    expect(session.client.received.length + session.backend.received.length).toBe(0);
    await api.must("DELETE", path);
    expect(await session.client.ended()).toBe("fin");
    expect(await session.backend.ended()).toBe("fin");
  });

  it("side: only the client is cut, the server keeps its connection", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", side: "client", how: "rst" });
    session.client.send(update);
    expect(await session.client.ended()).toBe("rst");
    const list = await api.get(`/proxies/${session.proxy}/connections`);
    expect(JSON.parse(list.text)).toMatchObject([{ pid }]);
    expect(session.backend.isOver).toBe(false);
  });

  it("times: stops after so many cuts, and an update starts anew", async () => {
    await using upstream = await Upstream.open();
    const first = await logIn(upstream);
    const path = await addCut(first, { moment: "before", times: 1 });
    first.client.send(update);
    await first.client.ended();
    const listen = String((await api.must("GET", `/proxies/${first.proxy}`))["listen"]);
    const client = await Peer.connect(listen);
    const again = { client, backend: await upstream.accepted() };
    await exchange(again, wire.startup(), [wire.ready("I")]);
    await exchange(again, update, [wire.ready("I")]);
    await api.must("PATCH", path, { attributes: {} });
    client.send(update);
    expect(await client.ended()).toBe("fin");
  });

  it("side: only the server is cut, the client keeps its connection", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", side: "server", how: "rst" });
    session.client.send(update);
    expect(await session.backend.ended()).toBe("rst");
    const list = await api.get(`/proxies/${session.proxy}/connections`);
    expect(JSON.parse(list.text)).toMatchObject([{ pid }]);
    expect(session.client.isOver).toBe(false);
  });

  it("transaction: the third on the connection, whatever its statements are", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", transaction: 3 });
    await exchange(session, wire.query("SELECT 1"), [wire.ready("I")]);
    await exchange(session, ...begin);
    await exchange(session, update, updated);
    await exchange(session, wire.query("COMMIT"), [wire.complete("COMMIT"), wire.ready("I")]);
    session.client.send(wire.query("BEGIN"));
    expect(await session.client.ended()).toBe("fin");
    expect(await eventsOf(session.proxy, "toxic")).toMatchObject([
      { transaction: 3, statement: 5 },
    ]);
  });

  it("probability: the same seed cuts at the same statement, another at another", async () => {
    const cutsAt = async (seed: number): Promise<readonly unknown[]> => {
      await using seeded = await ProxyServer.start({ seed });
      await using upstream = await Upstream.open();
      const seededApi = new ApiClient(seeded.url);
      const listen = await seededApi.proxy("p", upstream.address);
      const attributes = { moment: "before", probability: 0.1 };
      await seededApi.toxic("p", { name: "cut", type: "postgres_cut", attributes });
      for (let connection = 0; connection < 5; connection++) {
        const client = await Peer.connect(listen);
        client.send(Buffer.concat([wire.startup(), ...Array.from({ length: 200 }, () => update)]));
        await client.ended();
        await upstream.accepted();
      }
      const cuts = (await seededApi.events("p")).filter(({ kind }) => kind === "toxic");
      return cuts.map(({ statement }) => statement);
    };
    const first = await cutsAt(7);
    expect(first).toHaveLength(5);
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(await cutsAt(7)).toEqual(first);
    expect(await cutsAt(8)).not.toEqual(first);
  });

  it("probability 0 never cuts", async () => {
    await using upstream = await Upstream.open();
    const session = await logIn(upstream);
    await addCut(session, { moment: "before", probability: 0 });
    for (let i = 0; i < 20; i++) await exchange(session, update, [wire.ready("I")]);
    expect(await eventsOf(session.proxy, "toxic")).toEqual([]);
  });

  it("refuses encryption, so that the messages can be seen", async () => {
    await using upstream = await Upstream.open();
    const listen = await api.proxy("tls", upstream.address);
    await api.toxic("tls", { name: "cut", type: "postgres_cut" });
    const client = await Peer.connect(listen);
    client.send(wire.sslRequest());
    await client.readText("N");
    expect(await eventsOf("tls", "notice")).toMatchObject([
      { toxic: "cut", message: "encryption was refused, because it would hide the messages" },
    ]);
    const backend = await upstream.accepted();
    await exchange({ client, backend }, wire.startup(), [wire.ready("I")]);
    client.send(update);
    expect(await client.ended()).toBe("fin");
  });

  it("is refused with a clear error while a connection is encrypted", async () => {
    await using upstream = await Upstream.open();
    const client = await Peer.connect(await api.proxy("encrypted", upstream.address));
    const backend = await upstream.accepted();
    await exchange({ client, backend }, wire.sslRequest(), [Buffer.from("S")]);
    await exchange({ client, backend }, Buffer.from("\x16\x03\x01 hello"), [Buffer.from("world")]);
    const answer = await api.post("/proxies/encrypted/toxics", { type: "postgres_cut" });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("is encrypted; use sslmode=disable");
  });

  it("leaves connections that are not PostgreSQL's alone, and says so", async () => {
    await using upstream = await Upstream.open();
    const client = await Peer.connect(await api.proxy("http", upstream.address));
    await api.toxic("http", { name: "cut", type: "postgres_cut" });
    const backend = await upstream.accepted();
    await exchange({ client, backend }, Buffer.from("GET / HTTP/1.1\r\n\r\n"), [
      Buffer.from("HTTP/1.1 200 OK\r\n\r\n"),
    ]);
    expect(await eventsOf("http", "notice")).toMatchObject([
      { message: "it does not speak PostgreSQL's protocol" },
    ]);
  });

  it("lets cancel requests pass", async () => {
    await using upstream = await Upstream.open();
    const client = await Peer.connect(await api.proxy("cancel", upstream.address));
    await api.toxic("cancel", { name: "cut", type: "postgres_cut" });
    const backend = await upstream.accepted();
    await exchange({ client, backend }, wire.cancelRequest(pid), []);
    expect(client.isOver).toBe(false);
  });

  it.each([
    [{ sql: "(" }, "sql is no regular expression"],
    [{ moment: "soon" }, "moment must be one of before, after"],
    [{ probability: 2 }, "probability must lie between 0 and 1"],
    [{ statement: -1 }, "statement must not be less than 0"],
    [{ sql: 5 }, "json: cannot unmarshal number 5"],
  ])("refuses the attributes %j", async (attributes, message) => {
    await using upstream = await Upstream.open();
    const proxy = `refusing-${++sessions}`;
    await api.proxy(proxy, upstream.address);
    const answer = await api.post(`/proxies/${proxy}/toxics`, { type: "postgres_cut", attributes });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(message);
  });
});
