import type { ApiRow } from "./api-row.ts";
import { json, fails, badBody, proxyNotFound, redis, running, latency } from "./fixtures.ts";

export const proxiesRows: readonly ApiRow[] = [
  {
    what: "a created proxy",
    request: redis,
    expect: {
      why: "the real server leaks an empty Logger",
      embedded: {
        status: 201,
        text: '{"name":"redis","listen":"localhost:3310","upstream":"localhost:6379","enabled":false,"toxics":[]}',
        headers: json,
      },
      real: {
        status: 201,
        text: '{"name":"redis","listen":"localhost:3310","upstream":"localhost:6379","enabled":false,"Logger":{},"toxics":[]}',
        headers: json,
      },
    },
  },
  {
    what: "enabled by default",
    request: running,
    expect: { status: 201, json: { enabled: true } },
  },
  {
    what: "names without regard to case, unknown ones ignored, null as absent, the rest of the body ignored",
    request: [
      "POST",
      "/proxies",
      '{"NAME":"a","Listen":null,"upSTREAM":"b:1","enabled":false,"x":1} trailing',
    ],
    expect: { status: 201, json: { name: "a", listen: "", upstream: "b:1" } },
  },
  {
    what: "characters that Go escapes",
    request: ["POST", "/proxies", { name: "a<b>&c", upstream: "b:1", enabled: false }],
    expect: { status: 201, textStart: '{"name":"a\\u003cb\\u003e\\u0026c"' },
  },
  {
    what: "no name",
    request: ["POST", "/proxies", { upstream: "b:1" }],
    expect: fails(400, "missing required field: name"),
  },
  {
    what: "no upstream",
    request: ["POST", "/proxies", { name: "a" }],
    expect: fails(400, "missing required field: upstream"),
  },
  {
    what: "a name that is taken",
    given: [redis],
    request: redis,
    expect: fails(409, "proxy already exists"),
  },
  {
    what: "an empty body",
    request: ["POST", "/proxies", ""],
    expect: fails(400, "bad request body: EOF"),
  },
  { what: "half a body", request: ["POST", "/proxies", '{"name":'], expect: badBody },
  { what: "no JSON", request: ["POST", "/proxies", "name=redis"], expect: badBody },
  { what: "an array for an object", request: ["POST", "/proxies", "[]"], expect: badBody },
  { what: "a number for a name", request: ["POST", "/proxies", { name: 5 }], expect: badBody },
  {
    what: "null for the body",
    request: ["POST", "/proxies", "null"],
    expect: fails(400, "missing required field: name"),
  },
  {
    what: "a listen address without a port",
    request: ["POST", "/proxies", { name: "a", upstream: "b:1", listen: "local373" }],
    expect: fails(500, "listen tcp: address local373: missing port in address"),
  },
  {
    what: "a port beyond 65535",
    request: ["POST", "/proxies", { name: "a", upstream: "b:1", listen: "127.0.0.1:99999" }],
    expect: fails(500, "listen tcp: address 99999: invalid port"),
  },
  {
    what: "too many colons",
    request: ["POST", "/proxies", { name: "a", upstream: "b:1", listen: "a:b:c" }],
    expect: fails(500, "listen tcp: address a:b:c: too many colons in address"),
  },
  {
    what: "a proxy that could not listen is not kept",
    given: [["POST", "/proxies", { name: "a", upstream: "b:1", listen: "local373" }]],
    request: ["GET", "/proxies/a"],
    expect: proxyNotFound,
  },
  { what: "an unknown proxy", request: ["GET", "/proxies/redis"], expect: proxyNotFound },
  {
    what: "all proxies, by name",
    given: [redis, ["POST", "/proxies", { name: "a", upstream: "b:1", enabled: false }]],
    request: ["GET", "/proxies"],
    expect: { status: 200, textStart: '{"a":{"name":"a"', json: { redis: { name: "redis" } } },
  },
  {
    what: "an update of one field",
    given: [redis],
    request: ["PATCH", "/proxies/redis", { upstream: "localhost:1", name: "other" }],
    expect: {
      status: 200,
      json: { name: "redis", upstream: "localhost:1", listen: "localhost:3310", enabled: false },
    },
  },
  {
    what: "an empty update by POST",
    given: [redis],
    request: ["POST", "/proxies/redis", {}],
    expect: { status: 200, json: { upstream: "localhost:6379", enabled: false } },
  },
  {
    what: "an update to an empty upstream",
    given: [redis],
    request: ["POST", "/proxies/redis", { upstream: "" }],
    expect: { status: 200, json: { upstream: "" } },
  },
  {
    what: "an update to a bad address",
    given: [running],
    request: ["POST", "/proxies/redis", { listen: "bogus" }],
    expect: fails(500, "address bogus: missing port in address"),
  },
  {
    what: "an update to a bad address changes nothing",
    given: [running, ["POST", "/proxies/redis", { listen: "bogus" }]],
    request: ["GET", "/proxies/redis"],
    expect: { status: 200, json: { enabled: true, upstream: "localhost:6379" } },
  },
  {
    what: "an update keeps the toxics",
    given: [redis, latency],
    request: ["PATCH", "/proxies/redis", { upstream: "localhost:1" }],
    expect: { status: 200, json: { toxics: [{ name: "latency_downstream" }] } },
  },
  {
    what: "an update of an unknown proxy",
    request: ["PATCH", "/proxies/redis", {}],
    expect: proxyNotFound,
  },
  {
    what: "a deleted proxy",
    given: [redis],
    request: ["DELETE", "/proxies/redis"],
    expect: { status: 204, text: "", headers: { "content-type": null } },
  },
  {
    what: "deleted once more",
    given: [redis, ["DELETE", "/proxies/redis"]],
    request: ["DELETE", "/proxies/redis"],
    expect: proxyNotFound,
  },
  {
    what: "toxics in the body that creates a proxy",
    request: [
      "POST",
      "/proxies",
      { name: "a", upstream: "b:1", enabled: false, toxics: [{ type: "latency" }] },
    ],
    expect: {
      why: "the real server ignores them",
      embedded: { status: 201, json: { toxics: [{ name: "latency_downstream" }] } },
      real: { status: 201, json: { toxics: [] } },
    },
  },
];
