import { describe, expect, it } from "vitest";
import type { HttpApi } from "../../../src/scenario/target.ts";
import { httpApi } from "../../../src/scenario/target.ts";
import { HttpTarget } from "../../../src/targets/http/http-target.ts";
import { referenceApi } from "../../../src/targets/http/reference-api.ts";
import { serve } from "../../service/http/served.ts";
import { json, scriptedService } from "./scripted-service.ts";
import type { Script } from "./scripted-service.ts";

/** Other routes, other names, ids that are texts. */
const otherApi: HttpApi = httpApi.parse({
  enqueue: { request: "POST /v1/items", body: { amount: "{count}" }, jobs: "items.*.number" },
  claim: {
    request: "POST /v1/leases",
    body: { worker: "w{bot}", who: "{bot}" },
    empty: [404],
    conflict: [423],
    job: "lease.item.number",
    attempt: "lease.try",
    claim: "lease.token",
    work: { a: "lease.item.x", b: "lease.item.y" },
  },
  complete: { request: "PUT /v1/leases/{claim}/done", body: { sum: "{result}" }, refused: [409] },
});

interface Opened extends AsyncDisposable {
  readonly target: HttpTarget;
  readonly connections: string[];
}

function open(port: number, api: HttpApi, timeoutMs = 10_000): Opened {
  const connections: string[] = [];
  const address = { host: "127.0.0.1", port };
  const target = new HttpTarget({
    api,
    bots: address,
    service: address,
    timeoutMs,
    onConnection: (bot, event) => connections.push(`${bot} ${event}`),
  });
  return { target, connections, [Symbol.asyncDispose]: () => target[Symbol.asyncDispose]() };
}

describe("the HTTP target on our own service", () => {
  it("claims, starts, settles and asks what it holds", async () => {
    await using served = await serve();
    await using opened = open(served.port, referenceApi);
    const { target } = opened;
    expect(await target.enqueue(3)).toEqual({ jobs: [[1, 3]] });
    const claim = { job: 1, attempt: 1 };
    expect(await target.claim(4)).toEqual({ kind: "ok", value: [claim] });
    expect(await target.resume(4)).toMatchObject({ kind: "ok", value: [{ job: 1, attempt: 1 }] });
    expect(await target.start(4, claim)).toMatchObject({ kind: "ok" });
    expect(await target.heartbeat({ bot: 4, claim })).toEqual({ kind: "ok", value: null });
    const settled = await target.settle({ bot: 4, claim }, { kind: "complete", result: 8 });
    expect(settled).toEqual({ kind: "ok", value: null });
    expect(await target.resume(4)).toEqual({ kind: "empty" });
    expect(target.cost().roundTrips).toBeGreaterThan(5);
    expect(opened.connections).toEqual(["4 opened"]);
  });

  it("is refused where the job is another's by now", async () => {
    await using served = await serve();
    await using opened = open(served.port, referenceApi);
    await opened.target.enqueue(1);
    await opened.target.claim(4);
    await served.control.query("UPDATE jobs SET attempt = 2, claimed_by = 5");
    const claimed = { bot: 4, claim: { job: 1, attempt: 1 } };
    const settled = await opened.target.settle(claimed, { kind: "complete", result: 1 });
    expect(settled).toEqual({ kind: "empty" });
    expect(await opened.target.heartbeat(claimed)).toEqual({ kind: "empty" });
  });

  it("takes the conflicts, the empties and the expired for what they are", async () => {
    await using served = await serve({ strategy: "for-update-nowait" });
    await using opened = open(served.port, referenceApi);
    expect(await opened.target.claim(1)).toEqual({ kind: "empty" });
    await opened.target.enqueue(1);
    await served.control.withConnection(async (client) => {
      await client.query("BEGIN");
      await client.query("SELECT FROM jobs FOR UPDATE");
      expect(await opened.target.claim(1)).toMatchObject({ kind: "failed", retryable: true });
    });
    expect(await opened.target.claim(1)).toMatchObject({ kind: "ok" });
    await served.control.query("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 s'");
    expect(await opened.target.rescue()).toEqual({ kind: "ok", value: [{ job: 1, attempt: 1 }] });
  });
});

describe("the HTTP target on a service of somebody else's", () => {
  const grant: Script = ({ method, path }, response) => {
    if (path === "/v1/items") json(response, { items: [{ number: "a/1" }, { number: "b" }] }, 201);
    else if (method === "PUT") response.writeHead(204).end();
    else json(response, { lease: { token: "t 1", try: 3, item: { number: "a/1", x: 2, y: 5 } } });
  };

  it("asks by its routes and reads by its names", async () => {
    await using service = await scriptedService(grant);
    await using opened = open(service.port, otherApi);
    const { target } = opened;
    expect(await target.enqueue(2)).toEqual({ jobs: [[1, 2]] });
    const claim = { job: 1, attempt: 3 };
    expect(await target.claim(9)).toEqual({ kind: "ok", value: [claim] });
    expect(await target.start(9, claim)).toEqual({ kind: "ok", value: { a: 2, b: 5 } });
    await target.settle({ bot: 9, claim }, { kind: "complete", result: 7 });
    expect(service.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/v1/items", { amount: 2 }],
      ["POST", "/v1/leases", { worker: "w9", who: 9 }],
      ["PUT", "/v1/leases/t%201/done", { sum: 7 }],
    ]);
    expect([...target.capabilities]).toEqual([]);
  });

  it.each([
    ["404, which the scenario calls empty", 404, { kind: "empty" }],
    ["423, which it calls a lost race", 423, { kind: "failed", retryable: true, code: "HTTP-423" }],
    ["400: the service refused", 400, { kind: "failed", retryable: false }],
    ["500: it may have been done before", 500, { kind: "unknown", code: "HTTP-500" }],
    ["302, which is no answer to that", 302, { kind: "unknown" }],
  ])("takes %s", async (_what, status, outcome) => {
    await using service = await scriptedService((_seen, response) => json(response, {}, status));
    await using opened = open(service.port, otherApi);
    expect(await opened.target.claim(1)).toMatchObject(outcome);
  });

  it("takes an answer without a job for none", async () => {
    await using service = await scriptedService((_seen, response) =>
      json(response, { lease: null }),
    );
    await using opened = open(service.port, otherApi);
    expect(await opened.target.claim(1)).toEqual({ kind: "empty" });
  });

  it("does not know what became of a request whose answer was cut, and opens another connection", async () => {
    let cut = true;
    await using service = await scriptedService((seen, response, socket) => {
      if (cut) socket.resetAndDestroy();
      else grant(seen, response, socket);
    });
    await using opened = open(service.port, otherApi);
    expect(await opened.target.claim(1)).toMatchObject({ kind: "unknown", code: "ECONNRESET" });
    cut = false;
    expect(await opened.target.claim(1)).toMatchObject({ kind: "ok" });
    expect(opened.connections).toEqual(["1 opened", "1 lost", "1 opened"]);
  });

  it("does not know what became of half an answer, nor of one that never came", async () => {
    await using half = await scriptedService((_seen, response, socket) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      socket.end();
    });
    await using first = open(half.port, otherApi);
    expect(await first.target.claim(1)).toMatchObject({ kind: "unknown" });
    await using silent = await scriptedService(() => undefined);
    await using second = open(silent.port, otherApi, 50);
    expect(await second.target.claim(1)).toMatchObject({ kind: "unknown", code: "ETIMEDOUT" });
  });

  it("knows that nothing happened where nobody listens", async () => {
    const gone = await scriptedService(() => undefined);
    await gone[Symbol.asyncDispose]();
    await using opened = open(gone.port, otherApi);
    expect(await opened.target.claim(1)).toMatchObject({ kind: "failed", code: "ECONNREFUSED" });
    await expect.poll(() => opened.connections).toEqual(["1 refused"]);
  });

  it.each([
    ["fewer jobs than asked for", { items: [{ number: 1 }] }, "has 1 ids at items.*.number, not 2"],
    ["ids that can be none", { items: [{ number: {} }, { number: 2 }] }, "{} is no id of a job"],
  ])("stops at %s: the scenario does not fit", async (_what, answer, message) => {
    await using service = await scriptedService((_seen, response) => json(response, answer, 201));
    await using opened = open(service.port, otherApi);
    await expect(opened.target.enqueue(2)).rejects.toThrow(message);
  });
});
