import type { ApiRow } from "./api-row.ts";
import { json, redis, running, latency } from "./fixtures.ts";

export const severalRows: readonly ApiRow[] = [
  {
    what: "reset enables the proxies and removes their toxics",
    given: [
      running,
      latency,
      ["POST", "/proxies/redis", { enabled: false }],
      ["POST", "/reset", "anything"],
    ],
    request: ["GET", "/proxies/redis"],
    expect: { status: 200, json: { enabled: true, toxics: [] } },
  },
  { what: "reset without proxies", request: ["POST", "/reset"], expect: { status: 204, text: "" } },
  {
    what: "populate with nothing",
    request: ["POST", "/populate", []],
    expect: {
      why: "toxiproxy-node-client fails on null",
      embedded: { status: 201, text: '{"proxies":[]}', headers: json },
      real: { status: 201, text: '{"proxies":null}', headers: json },
    },
  },
  {
    what: "populate checks all entries first",
    request: ["POST", "/populate", [{ name: "a", upstream: "b:1", enabled: false }, { name: "c" }]],
    expect: {
      status: 400,
      text: '{"error":"missing required field: upstream at proxy 2","status":400,"proxies":null}',
      headers: json,
    },
  },
  {
    what: "populate that checks all entries first makes none",
    given: [
      ["POST", "/populate", [{ name: "a", upstream: "b:1", enabled: false }, { upstream: "c" }]],
    ],
    request: ["GET", "/proxies"],
    expect: { status: 200, text: "{}" },
  },
  {
    what: "populate stops at the first failure and says what it made",
    request: [
      "POST",
      "/populate",
      [
        { name: "a", upstream: "b:1", enabled: false },
        { name: "c", upstream: "d:1", listen: "bogus" },
        { name: "e", upstream: "f:1", enabled: false },
      ],
    ],
    expect: {
      status: 500,
      json: {
        error: "listen tcp: address bogus: missing port in address",
        status: 500,
        proxies: [{ name: "a" }],
      },
    },
  },
  {
    what: "populate with an object",
    request: ["POST", "/populate", {}],
    expect: { status: 400, textStart: '{"error":"bad request body: json: cannot unmarshal' },
  },
  {
    what: "populate leaves alone what has the same addresses",
    given: [running, latency],
    request: [
      "POST",
      "/populate",
      [{ name: "redis", listen: "127.0.0.1:0", upstream: "localhost:6379", enabled: false }],
    ],
    expect: {
      why: "a port that was left open is still the proxy's own; the real server makes a new proxy",
      embedded: {
        status: 201,
        json: { proxies: [{ enabled: true, toxics: [{ type: "latency" }] }] },
      },
      real: { status: 201, json: { proxies: [{ enabled: false, toxics: [] }] } },
    },
  },
  {
    what: "populate replaces what has another upstream",
    given: [redis, latency],
    request: [
      "POST",
      "/populate",
      [{ name: "redis", listen: "localhost:3310", upstream: "localhost:1", enabled: false }],
    ],
    expect: { status: 201, json: { proxies: [{ upstream: "localhost:1", toxics: [] }] } },
  },
  {
    what: "a wildcard listen address is the same when it is sent again",
    given: [
      ["POST", "/proxies", { name: "a", upstream: "b:1", listen: "0.0.0.0:0" }],
      ["POST", "/proxies/a/toxics", { type: "noop" }],
    ],
    request: ["POST", "/populate", [{ name: "a", upstream: "b:1", listen: "0.0.0.0:0" }]],
    expect: {
      why: "the real server replaces it, with its toxics and connections",
      embedded: { status: 201, json: { proxies: [{ toxics: [{ type: "noop" }] }] } },
      real: { status: 201, json: { proxies: [{ toxics: [] }] } },
    },
  },
  {
    what: "metrics without a flag",
    request: ["GET", "/metrics"],
    expect: {
      why: "the embedded server always answers",
      embedded: {
        status: 200,
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      },
      real: { status: 404, text: "404 page not found\n" },
    },
  },
  {
    what: "events",
    request: ["GET", "/events?since=0"],
    expect: {
      why: "the real server has none",
      embedded: { status: 200, json: { dropped: 0 } },
      real: { status: 404, text: "404 page not found\n" },
    },
  },
  {
    what: "connections",
    given: [redis],
    request: ["GET", "/proxies/redis/connections"],
    expect: {
      why: "the real server does not tell",
      embedded: { status: 200, text: "[]" },
      real: { status: 404, text: "404 page not found\n" },
    },
  },
];
