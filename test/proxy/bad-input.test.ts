import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
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

const fields = [
  "name",
  "listen",
  "upstream",
  "enabled",
  "toxics",
  "type",
  "stream",
  "toxicity",
  "attributes",
  "latency",
  "rate",
  "moment",
  "sql",
];
/** Objects that look like requests here and there, and are wrong everywhere else. */
const anyBody = fc.oneof(
  fc.string(),
  fc.json(),
  fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()).map((body) => JSON.stringify(body)),
  fc
    .array(fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()), { maxLength: 3 })
    .map((body) => JSON.stringify(body)),
);
const anyPath = fc.oneof(
  fc.constantFrom(
    "/proxies",
    "/populate",
    "/reset",
    "/proxies/a",
    "/proxies/a/toxics",
    "/proxies/a/toxics/b",
    "/events?since=x",
    "/proxies/a/connections/1?how=x",
  ),
  fc.webPath(),
);
const rightToxic = {
  type: "postgres_cut",
  stream: "downstream",
  toxicity: 0.5,
  attributes: { moment: "after", sql: "select", statement: 1, probability: 0.5, times: 2 },
};
const notNull = fc.jsonValue().filter((value) => value !== null);
/** Values that no attribute of that name may have. */
const wrongValues: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  toxicity: notNull.filter((value) => typeof value !== "number"),
  attributes: notNull.filter((value) => typeof value !== "object" || Array.isArray(value)),
  moment: notNull.filter((value) => typeof value !== "string" || value.length < 5),
  sql: fc.oneof(
    notNull.filter((value) => typeof value !== "string"),
    fc.constant("("),
  ),
  statement: fc.oneof(fc.integer({ max: -1 }), fc.constant(1.5), fc.string(), fc.boolean()),
  probability: fc.oneof(
    fc.double({ min: 1, minExcluded: true, noDefaultInfinity: true, noNaN: true }),
    fc.string(),
  ),
};
const anyWrongToxic = fc
  .constantFrom(...Object.keys(wrongValues))
  .chain((field) => fc.tuple(fc.constant(field), wrongValues[field] as fc.Arbitrary<unknown>))
  .map(([field, value]) =>
    field in rightToxic
      ? { ...rightToxic, name: "wrong", [field]: value }
      : { ...rightToxic, name: "wrong", attributes: { ...rightToxic.attributes, [field]: value } },
  );
const anyMethod = fc.constantFrom("GET", "POST", "PATCH", "DELETE", "PUT");

describe("the HTTP API, given anything", () => {
  it("answers every request, and goes on", async () => {
    await api.must("POST", "/proxies", { name: "a", upstream: "b:1", enabled: false });
    await fc.assert(
      fc.asyncProperty(anyMethod, anyPath, anyBody, async (method, path, body) => {
        const answer = await api.send(method, path, ...(method === "GET" ? [] : [body]));
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).toBeLessThan(600);
      }),
      { numRuns: 400 },
    );
    expect((await api.get("/version")).status).toBe(200);
  });

  /** One wrong value among right ones: the likeliest mistake, and the one that could be applied by half. */
  it("refuses a toxic with one wrong value, and changes nothing", async () => {
    await api.must("POST", "/proxies", { name: "near", upstream: "b:1", enabled: false });
    const path = await api.toxic("near", { name: "kept", ...rightToxic });
    const before = (await api.get("/proxies/near")).text;
    await fc.assert(
      fc.asyncProperty(anyWrongToxic, fc.boolean(), async (toxic, isUpdate) => {
        const [method, target] = isUpdate ? ["PATCH", path] : ["POST", "/proxies/near/toxics"];
        const { status, text } = await api.send(method, target, toxic);
        expect([status, JSON.parse(text)]).toEqual([
          400,
          { error: expect.any(String), status: 400 },
        ]);
        expect((await api.get("/proxies/near")).text).toBe(before);
      }),
      { numRuns: 150 },
    );
  });

  it("does not read a body without end", async () => {
    const { status, text } = await api.post("/proxies", `{"name":"${"x".repeat(20_000_000)}"}`);
    expect([status, text]).toEqual([413, expect.stringContaining("request body too large")]);
  });

  it("takes a deep nesting for an error", async () => {
    const answer = await api.post("/proxies", "[".repeat(200_000));
    expect(answer.status).toBe(400);
  });

  it.each(["GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "no http at all\r\n\r\n", "\0\0\0\0"])(
    "answers or closes: %j",
    async (request) => {
      const url = new URL(server.url);
      const socket = connect(Number(url.port), url.hostname);
      socket.write(request);
      const [data] = (await once(socket, "data")) as [Buffer];
      expect(data.toString()).toContain("400 Bad Request");
      socket.destroy();
    },
  );
});

describe("the proxies, given anything", () => {
  it("take 2,000 connects at once, and leak none", async () => {
    await using upstream = await Upstream.echo();
    const listen = await api.proxy("crowd", upstream.address);
    const peers = await Promise.all(Array.from({ length: 2000 }, () => Peer.connect(listen)));
    for (const peer of peers) peer.send("x");
    await Promise.all(peers.map((peer) => peer.readText("x")));
    for (const peer of peers) peer.socket.destroy();
    const isEmpty = async (): Promise<boolean> =>
      (await api.get("/proxies/crowd/connections")).text === "[]";
    expect(await waitUntil(isEmpty, { ms: 20_000, everyMs: 20 })).toBe(true);
  });

  it("take connects that reset at once", async () => {
    await using upstream = await Upstream.echo();
    const listen = await api.proxy("resets", upstream.address);
    const peers = await Promise.all(Array.from({ length: 200 }, () => Peer.connect(listen)));
    for (const peer of peers) peer.socket.resetAndDestroy();
    const peer = await Peer.connect(listen);
    peer.send("x");
    await peer.readText("x");
    const others = async (): Promise<boolean> =>
      (JSON.parse((await api.get("/proxies/resets/connections")).text) as unknown[]).length === 1;
    expect(await waitUntil(others, { ms: 20_000, everyMs: 20 })).toBe(true);
  });

  it("serve others while an upstream never answers", async () => {
    await using silent = await Upstream.open();
    await using upstream = await Upstream.echo();
    const waiting = await Peer.connect(await api.proxy("silent", silent.address));
    waiting.send("anybody there?");
    const peer = await Peer.connect(await api.proxy("answering", upstream.address));
    peer.send("x");
    await peer.readText("x");
    await api.must("DELETE", "/proxies/silent");
    expect(await waiting.ended()).toBe("fin");
  });

  it.each(["", "nowhere", "127.0.0.1:0", "nosuch.invalid:1", "127.0.0.1:99999"])(
    "close the connections of a proxy whose upstream is %j",
    async (upstream) => {
      await api.must("POST", "/proxies", { name: "bad", upstream: "x:1", listen: "127.0.0.1:0" });
      const { listen } = await api.must("PATCH", "/proxies/bad", { upstream });
      expect(await (await Peer.connect(String(listen))).ended()).toBe("fin");
      await api.must("DELETE", "/proxies/bad");
    },
  );

  it("close the connections of a ring of proxies", async () => {
    const first = await api.proxy("ring-1", "127.0.0.1:1");
    const second = await api.proxy("ring-2", first);
    await api.must("PATCH", "/proxies/ring-1", { upstream: second });
    expect(await (await Peer.connect(first)).ended()).toBe("fin");
    expect(await api.events("ring-1")).toMatchObject([
      { kind: "refused", reason: "the proxy's upstream is the proxy itself" },
    ]);
  });
});
