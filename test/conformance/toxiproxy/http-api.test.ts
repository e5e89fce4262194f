import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiClient } from "../../proxy/api-client.ts";
import type { Answer } from "../../proxy/api-client.ts";
import type { Expected } from "./rows/api-row.ts";
import { proxiesRows } from "./rows/proxies.ts";
import { routingRows } from "./rows/routing.ts";
import { severalRows } from "./rows/several.ts";
import { toxicsRows } from "./rows/toxics.ts";
import { subjects } from "./subject.ts";
import type { RunningSubject, Subject } from "./subject.ts";

describe.each(subjects)("the HTTP API of $name", (subject: Subject) => {
  let server: RunningSubject;
  let api: ApiClient;

  beforeAll(async () => {
    server = await subject.start();
    api = new ApiClient(server.url);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    const proxies = await api.must("GET", "/proxies");
    for (const name of Object.keys(proxies)) {
      await api.must("DELETE", `/proxies/${encodeURIComponent(name)}`);
    }
  });

  it.each([...routingRows, ...proxiesRows, ...toxicsRows, ...severalRows])("$what", async (row) => {
    for (const request of row.given ?? []) await api.send(...request);
    const expected = "why" in row.expect ? row.expect[subject.kind] : row.expect;
    const answer = await api.send(...row.request);
    expect(compared(answer, expected)).toMatchObject(expected);
  });

  it("every matched route answers with a request id of its own", async () => {
    const ids = [];
    for (const path of ["/proxies", "/proxies/x", "/version"]) {
      ids.push((await api.get(path)).headers.get("x-toxiproxy-request-id"));
    }
    for (const id of ids) expect(id).toMatch(/^[0-9a-v]{20}$/);
    expect(new Set(ids).size).toBe(3);
  });

  it("tells its version", async () => {
    const { text, headers } = await api.get("/version");
    expect(text).toMatch(/^\{"version": "(2\.12\.0.*|git)"\}\n$/);
    expect(headers.get("content-type")).toBe("application/json;charset=utf-8");
  });

  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64)", 403],
    ["mozilla/5.0", 200],
    ["node", 200],
  ] as const)("answers the user agent %s with %d", async (agent, status) => {
    const response = await fetch(`${server.url}/proxies`, { headers: { "User-Agent": agent } });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(status === 403 ? "User agent not allowed\n" : "{}");
  });
});

/** Of the answer, what the row says something about. */
function compared({ status, text, headers }: Answer, expected: Expected): Expected {
  const names = Object.keys(expected.headers ?? {});
  return {
    status,
    text,
    ...(expected.textStart !== undefined && {
      textStart: text.slice(0, expected.textStart.length),
    }),
    ...(expected.json !== undefined && { json: JSON.parse(text) as unknown }),
    headers: Object.fromEntries(names.map((name) => [name, headers.get(name)])),
  };
}
