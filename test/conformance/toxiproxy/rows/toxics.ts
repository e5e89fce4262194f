import type { ApiRow } from "./api-row.ts";
import {
  json,
  fails,
  badBody,
  proxyNotFound,
  toxicNotFound,
  redis,
  latency,
  named,
  latencyText,
} from "./fixtures.ts";

export const toxicsRows: readonly ApiRow[] = [
  {
    what: "a created toxic, with every attribute",
    given: [redis],
    request: latency,
    expect: { status: 200, text: latencyText, headers: json },
  },
  {
    what: "the stream is echoed as it was written, also in the name",
    given: [redis],
    request: named({ type: "noop", stream: "UPstream" }),
    expect: { status: 200, json: { stream: "UPstream", name: "noop_UPstream", attributes: {} } },
  },
  {
    what: "a stream that is none",
    given: [redis],
    request: named({ type: "latency", stream: "sideways" }),
    expect: fails(400, "stream was invalid, can be either upstream or downstream"),
  },
  {
    what: "an empty stream",
    given: [redis],
    request: named({ type: "latency", stream: "" }),
    expect: fails(400, "stream was invalid, can be either upstream or downstream"),
  },
  {
    what: "a type that is none",
    given: [redis],
    request: named({ type: "down" }),
    expect: fails(400, "invalid toxic type"),
  },
  { what: "no type", given: [redis], request: named({}), expect: fails(400, "invalid toxic type") },
  {
    what: "a name that the other direction has",
    given: [redis, named({ name: "a", type: "noop", stream: "upstream" })],
    request: named({ name: "a", type: "noop", stream: "downstream" }),
    expect: fails(409, "toxic already exists"),
  },
  {
    what: "the stream is checked before the type",
    given: [redis],
    request: named({ type: "down", stream: "sideways" }),
    expect: fails(400, "stream was invalid, can be either upstream or downstream"),
  },
  {
    what: "toxicity as a float32",
    given: [redis],
    request: named({ type: "noop", toxicity: 1 / 3 }),
    expect: { status: 200, json: { toxicity: 0.33333334 } },
  },
  {
    what: "toxicity is not checked for its range, and null is 1",
    given: [
      redis,
      named({ name: "a", type: "noop", toxicity: null }),
      named({ name: "b", type: "noop", toxicity: 2 }),
    ],
    request: ["GET", "/proxies/redis/toxics"],
    expect: { status: 200, json: [{ toxicity: 1 }, { toxicity: 2 }] },
  },
  ...["1.5", '"100"', "true", "{}", "1e30"].map((value) => ({
    what: `${value} for an attribute`,
    given: [redis],
    request: [
      "POST",
      "/proxies/redis/toxics",
      `{"type":"latency","attributes":{"latency":${value}}}`,
    ] as const,
    expect: badBody,
  })),
  {
    what: "1e3 for an attribute",
    given: [redis],
    request: ["POST", "/proxies/redis/toxics", '{"type":"latency","attributes":{"latency":1e3}}'],
    expect: {
      why: "JSON.parse does not tell 1e3 from 1000",
      embedded: { status: 200, json: { attributes: { latency: 1000 } } },
      real: badBody,
    },
  },
  {
    what: "attributes: negative, null, in another case, unknown",
    given: [redis],
    request: named({ type: "latency", attributes: { LATENCY: -5, jitter: null, other: 1 } }),
    expect: { status: 200, json: { attributes: { latency: -5, jitter: 0 } } },
  },
  {
    what: "attributes that are null",
    given: [redis],
    request: named({ type: "latency", attributes: null }),
    expect: { status: 200, text: latencyText },
  },
  {
    what: "attributes that are a list",
    given: [redis],
    request: named({ type: "latency", attributes: [] }),
    expect: badBody,
  },
  {
    what: "attributes beside the type, as in version 1",
    given: [redis],
    request: named({ type: "latency", latency: 100 }),
    expect: { status: 200, json: { attributes: { latency: 0 } } },
  },
  {
    what: "upstream toxics come first, each direction in the order of addition",
    given: [
      redis,
      named({ name: "a", type: "noop" }),
      named({ name: "b", type: "noop", stream: "upstream" }),
      named({ name: "c", type: "noop" }),
    ],
    request: ["GET", "/proxies/redis/toxics"],
    expect: { status: 200, json: [{ name: "b" }, { name: "a" }, { name: "c" }] },
  },
  {
    what: "no toxics",
    given: [redis],
    request: ["GET", "/proxies/redis/toxics"],
    expect: { status: 200, text: "[]" },
  },
  {
    what: "one toxic",
    given: [redis, latency],
    request: ["GET", "/proxies/redis/toxics/latency_downstream"],
    expect: { status: 200, text: latencyText },
  },
  {
    what: "an update merges attributes and ignores name, type and stream",
    given: [redis, named({ type: "latency", attributes: { latency: 5, jitter: 1 } })],
    request: [
      "PATCH",
      "/proxies/redis/toxics/latency_downstream",
      { name: "x", type: "noop", stream: "upstream", toxicity: 0.5, attributes: { latency: 7 } },
    ],
    expect: {
      status: 200,
      json: {
        name: "latency_downstream",
        type: "latency",
        stream: "downstream",
        toxicity: 0.5,
        attributes: { latency: 7, jitter: 1 },
      },
    },
  },
  {
    what: "a failed update",
    given: [
      redis,
      latency,
      [
        "POST",
        "/proxies/redis/toxics/latency_downstream",
        '{"attributes":{"latency":7,"jitter":"x"}}',
      ],
    ],
    request: ["GET", "/proxies/redis/toxics/latency_downstream"],
    expect: {
      why: "the real server keeps what it had decoded before the error",
      embedded: { status: 200, json: { attributes: { latency: 0, jitter: 0 } } },
      real: { status: 200, json: { attributes: { latency: 7, jitter: 0 } } },
    },
  },
  {
    what: "a deleted toxic",
    given: [redis, latency],
    request: ["DELETE", "/proxies/redis/toxics/latency_downstream"],
    expect: { status: 204, text: "" },
  },
  {
    what: "an unknown toxic, shown",
    given: [redis],
    request: ["GET", "/proxies/redis/toxics/x"],
    expect: toxicNotFound,
  },
  {
    what: "an unknown toxic, updated",
    given: [redis],
    request: ["POST", "/proxies/redis/toxics/x", {}],
    expect: toxicNotFound,
  },
  {
    what: "an unknown toxic, deleted",
    given: [redis],
    request: ["DELETE", "/proxies/redis/toxics/x"],
    expect: toxicNotFound,
  },
  {
    what: "a toxic of an unknown proxy",
    request: latency,
    expect: proxyNotFound,
  },
  ...["limit_time", "postgres_cut"].map((type) => ({
    what: `the type ${type}`,
    given: [redis],
    request: named({ type }),
    expect: {
      why: "the real server does not have it",
      embedded: { status: 200, json: { type } },
      real: fails(400, "invalid toxic type"),
    },
  })),
];
