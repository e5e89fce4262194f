import type { Socket } from "node:net";
import { expect } from "vitest";
import { sleep } from "../../../../src/base/timer.ts";
import { expectFlow } from "./link-row.ts";
import type { LinkRow } from "./link-row.ts";

/** What the API does while connections are alive. */
export const controlRows: readonly LinkRow[] = [
  {
    what: "toxicity 0 affects no connection",
    async check({ connect, add }) {
      await add("timeout", { timeout: 0 }, { toxicity: 0 });
      await expectFlow(await connect());
    },
  },
  {
    what: "a toxic can be added while a peer does not read",
    differs: "the real server waits for the peer, and so does every call after",
    async check({ kind, api, proxy, connect, add }) {
      await add("bandwidth", { rate: 1_000_000 });
      const { client, server } = await connect();
      client.socket.pause();
      await fillUp(server.socket);
      const body = { type: "noop", name: "late" };
      const answered = fetch(`${api.url}/proxies/${proxy}/toxics`, {
        method: "POST",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(kind === "embedded" ? 20_000 : 1500),
      }).then(
        () => true,
        () => false,
      );
      expect(await answered).toBe(kind === "embedded");
      client.socket.destroy();
    },
  },
  {
    what: "metrics count while the connection is open",
    differs: "the real server has no metrics without a flag, and counts when a connection ends",
    async check({ kind, api, proxy, connect }) {
      const { client, server } = await connect();
      server.send("12345");
      await client.read(5);
      const { status, text } = await api.get("/metrics");
      expect(status).toBe(kind === "embedded" ? 200 : 404);
      const sent = text.split("\n").find((line) => isSentDownstream(line, proxy));
      expect(sent?.split(" ").at(-1)).toBe(kind === "embedded" ? "5" : undefined);
    },
  },
  {
    what: "a listen address that is sent again leaves connections alone",
    differs: "the real server restarts a proxy that listens on a wildcard",
    async check({ kind, api, proxy, connect }) {
      const wildcard = await api.must("POST", `/proxies/${proxy}`, { listen: "0.0.0.0:0" });
      const port = String(wildcard["listen"]).split(":").at(-1);
      const pair = await connect();
      await api.must("PATCH", `/proxies/${proxy}`, { listen: `0.0.0.0:${port}`, enabled: true });
      if (kind === "embedded") return expectFlow(pair);
      expect(await pair.client.ended()).toBe("fin");
    },
  },
];

/** Writes until nothing more is taken for a while: every buffer on the way is full. */
async function fillUp(socket: Socket): Promise<void> {
  const chunk = Buffer.alloc(1024 * 1024);
  let takenBytes = -1;
  for (let quietTurns = 0; quietTurns < 10; quietTurns++) {
    if (socket.writableLength < 8 * chunk.length) socket.write(chunk);
    await sleep(20);
    const nowTakenBytes = socket.bytesWritten - socket.writableLength;
    if (nowTakenBytes !== takenBytes) quietTurns = 0;
    takenBytes = nowTakenBytes;
  }
}

function isSentDownstream(line: string, proxy: string): boolean {
  const isSent = line.startsWith("toxiproxy_proxy_sent_bytes_total");
  return isSent && line.includes('direction="downstream"') && line.includes(`proxy="${proxy}"`);
}
