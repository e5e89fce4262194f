import type { Expected, Request } from "./api-row.ts";

export const json = { "content-type": "application/json" };
export const plain = {
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
};
export const fails = (status: number, error: string): Expected => ({
  status,
  text: `${JSON.stringify({ error, status })}\n`,
  headers: plain,
});
export const badBody: Expected = {
  status: 400,
  textStart: '{"error":"bad request body: ',
  headers: plain,
};
export const proxyNotFound = fails(404, "proxy not found");
export const toxicNotFound = fails(404, "toxic not found");

/** A proxy that is disabled needs no port, so its text is the same everywhere. */
export const redis: Request = [
  "POST",
  "/proxies",
  { name: "redis", listen: "localhost:3310", upstream: "localhost:6379", enabled: false },
];
export const running: Request = [
  "POST",
  "/proxies",
  { name: "redis", listen: "127.0.0.1:0", upstream: "localhost:6379" },
];
export const latency: Request = ["POST", "/proxies/redis/toxics", { type: "latency" }];
export const named = (body: Readonly<Record<string, unknown>>): Request => [
  "POST",
  "/proxies/redis/toxics",
  body,
];
export const latencyText =
  '{"attributes":{"latency":0,"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}';
