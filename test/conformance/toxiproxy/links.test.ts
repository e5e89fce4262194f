import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../src/base/timer.ts";
import { ApiClient } from "../../proxy/api-client.ts";
import { Peer, Upstream } from "../../proxy/peer.ts";
import { controlRows } from "./rows/control.ts";
import { delayRows } from "./rows/delays.ts";
import { endingRows } from "./rows/endings.ts";
import type { LinkBench, Pair } from "./rows/link-row.ts";
import { subjects } from "./subject.ts";
import type { RunningSubject, Subject } from "./subject.ts";

describe.each(subjects)("links of $name", (subject: Subject) => {
  // A server for each row: some of them kill the real one.
  it.each([...delayRows, ...endingRows, ...controlRows])("$what", async (row) => {
    await using server = await subject.start();
    await using upstream = await Upstream.open();
    const bench = await openBench(subject.kind, server, upstream);
    await expect(row.check(bench)).resolves.toBeUndefined();
  });

  /** Each connection would make the next; the real server has 256 descriptors here to lose, the embedded one refuses. */
  it("a proxy to itself (differs on purpose)", async () => {
    await using server = await subject.start({ descriptors: 256 });
    const api = new ApiClient(server.url);
    const listen = await api.proxy("self", "127.0.0.1:1");
    await api.must("PATCH", "/proxies/self", { upstream: listen });
    using client = await Peer.connect(listen);
    const refuses = async (): Promise<boolean> =>
      (await client.ended()) === "fin" && (await api.get("/version")).status === 200;
    const runsOut = (): Promise<boolean> =>
      waitUntil(() => server.log().includes("too many open files"), { ms: 20_000, everyMs: 20 });
    expect(await (subject.kind === "embedded" ? refuses() : runsOut())).toBe(true);
  });

  /** The real server draws without the seed, and again for a toxic whose neighbour comes or goes. */
  it("toxicity is decided once, by the seed (differs on purpose)", async () => {
    const quiet = await affectedConnections(subject, async () => {});
    const busy = await affectedConnections(subject, async ({ api, add }) => {
      for (let i = 0; i < 5; i++) await api.must("DELETE", await add("noop"));
    });
    expect(new Set(quiet).size, "some are affected and some are not").toBe(2);
    const isSame = JSON.stringify(quiet) === JSON.stringify(busy);
    expect(isSame).toBe(subject.kind === "embedded");
  });
});

/** Which of 24 connections a toxic affects with a toxicity of one half, after `meanwhile`. */
async function affectedConnections(
  subject: Subject,
  meanwhile: (bench: LinkBench) => Promise<unknown>,
): Promise<readonly boolean[]> {
  await using server = await subject.start({ seed: 42 });
  await using upstream = await Upstream.open();
  const bench = await openBench(subject.kind, server, upstream);
  await bench.add("limit_data", { bytes: 10 }, { toxicity: 0.5 });
  const pairs: Pair[] = [];
  for (let i = 0; i < 24; i++) pairs.push(await bench.connect());
  await meanwhile(bench);
  for (const pair of pairs) pair.server.send("x".repeat(20));
  return await Promise.all(pairs.map(async ({ client }) => (await readUpTo(client, 20)) === 10));
}

/** How many bytes came, once there are `bytes`, or the connection has ended. */
async function readUpTo(client: Peer, bytes: number): Promise<number> {
  return await client.read(bytes).then(
    () => bytes,
    async () => (await client.readToEnd()).length,
  );
}

async function openBench(
  kind: Subject["kind"],
  { url, died }: RunningSubject,
  upstream: Upstream,
): Promise<LinkBench> {
  const api = new ApiClient(url);
  const proxy = "link";
  const listen = await api.proxy(proxy, upstream.address);
  return {
    kind,
    api,
    proxy,
    listen,
    died,
    async connect() {
      const { listen: current } = await api.must("GET", `/proxies/${proxy}`);
      const client = await Peer.connect(String(current));
      return { client, server: await upstream.accepted() };
    },
    add: (type, attributes = {}, more = {}) => api.toxic(proxy, { type, attributes, ...more }),
  };
}
