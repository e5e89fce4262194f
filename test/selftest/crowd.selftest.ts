import { expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { ProxyServer } from "../../src/proxy/server.ts";
import { ApiClient } from "../proxy/api-client.ts";
import { Peer, Upstream } from "../proxy/peer.ts";

const waves = 10;
const connectsAtOnce = 1_000;

/** What became of one connection: its byte came back, or it was closed. It may not hang. */
async function visit(listen: string): Promise<"answered" | "closed"> {
  const peer = await Peer.connect(listen).catch(() => null);
  if (peer === null) return "closed";
  peer.send("x");
  const answered = peer.readText("x").then(() => "answered" as const);
  const closed = peer.ended().then(() => "closed" as const);
  const outcome = await Promise.race([answered.catch(() => "closed" as const), closed]);
  peer.socket.destroy();
  return outcome;
}

it(
  "10,000 rapid connects are answered or closed, and leave nothing behind",
  { timeout: 300_000 },
  async () => {
    await using server = await ProxyServer.start();
    const api = new ApiClient(server.url);
    await using upstream = await Upstream.echo();
    const listen = await api.proxy("crowd", upstream.address);
    const counts = { answered: 0, closed: 0 };
    for (let wave = 0; wave < waves; wave++) {
      const outcomes = await Promise.all(
        Array.from({ length: connectsAtOnce }, () => visit(listen)),
      );
      for (const outcome of outcomes) counts[outcome]++;
    }
    process.stdout.write(`10,000 connects: ${counts.answered} answered, ${counts.closed} closed\n`);
    expect(counts.answered + counts.closed).toBe(waves * connectsAtOnce);
    expect(counts.answered).toBeGreaterThan(0);
    const isEmpty = async (): Promise<boolean> =>
      (await api.get("/proxies/crowd/connections")).text === "[]";
    expect(await waitUntil(isEmpty, { ms: 60_000, everyMs: 50 })).toBe(true);
    expect(await visit(listen)).toBe("answered");
  },
);
