import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { expectFlow, foreverMs, timed } from "./link-row.ts";
import type { LinkRow } from "./link-row.ts";

/** A timer of the real server may ring a little early by the test's clock. */
const slackMs = 1;

export const delayRows: readonly LinkRow[] = [
  {
    what: "without toxics every byte arrives, both ways",
    async check({ connect }) {
      const { client, server } = await connect();
      const data = randomBytes(3_000_000);
      client.send(data);
      server.send(data);
      expect((await server.read(data.length)).equals(data)).toBe(true);
      expect((await client.read(data.length)).equals(data)).toBe(true);
    },
  },
  {
    what: "noop passes data",
    async check({ connect, add }) {
      await add("noop");
      await expectFlow(await connect());
    },
  },
  {
    what: "latency delays its direction and not the other",
    async check({ connect, add }) {
      await add("latency", { latency: 120 });
      await add("latency", { latency: foreverMs }, { stream: "upstream", toxicity: 0 });
      const { client, server } = await connect();
      const tookMs = await timed(async () => {
        server.send("a");
        await client.read(1);
      });
      expect(tookMs).toBeGreaterThanOrEqual(120 - slackMs);
      client.send("b");
      await server.read(1);
    },
  },
  {
    what: "latencies add up",
    async check({ connect, add }) {
      await add("latency", { latency: 100 }, { name: "one" });
      await add("latency", { latency: 100 }, { name: "two" });
      const { client, server } = await connect();
      const tookMs = await timed(async () => {
        server.send("a");
        await client.read(1);
      });
      expect(tookMs).toBeGreaterThanOrEqual(200 - 2 * slackMs);
    },
  },
  {
    what: "jitter keeps the order",
    async check({ connect, add }) {
      await add("latency", { latency: 10, jitter: 10 });
      const { client, server } = await connect();
      for (let i = 0; i < 40; i++) {
        server.send(`${i},`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const all = Array.from({ length: 40 }, (_, i) => `${i},`).join("");
      await client.readText(all);
    },
  },
  {
    what: "latency: an update releases the chunk that is held",
    async check({ api, connect, add }) {
      const path = await add("latency", { latency: foreverMs });
      const { client, server } = await connect();
      server.send("held");
      client.send("x");
      await server.readText("x");
      await api.must("PATCH", path, { attributes: { latency: foreverMs } });
      await client.readText("held");
    },
  },
  {
    what: "latency: its removal releases what is held, in order",
    async check({ api, connect, add }) {
      const path = await add("latency", { latency: foreverMs });
      const { client, server } = await connect();
      for (let i = 0; i < 10; i++) {
        server.send(`${i}`);
        client.send("x");
        await server.readText("x");
      }
      await api.must("DELETE", path);
      await client.readText("0123456789");
    },
  },
  {
    what: "latency does not delay the end when nothing is held",
    async check({ connect, add }) {
      await add("latency", { latency: foreverMs });
      const { client, server } = await connect();
      server.socket.end();
      expect(await client.ended()).toBe("fin");
    },
  },
  {
    what: "latency: the end follows what is held",
    async check({ connect, add }) {
      await add("latency", { latency: 50 });
      const { client, server } = await connect();
      server.send("last words");
      server.socket.end();
      expect((await client.readToEnd()).toString()).toBe("last words");
    },
  },
  {
    what: "bandwidth: 5000 bytes at 10 KB/s take five pieces of 100 ms",
    async check({ connect, add }) {
      await add("bandwidth", { rate: 10 });
      const { client, server } = await connect();
      const sizes: number[] = [];
      client.socket.on("data", (data) => sizes.push(data.length));
      const tookMs = await timed(async () => {
        server.send(Buffer.alloc(5000, "x"));
        await client.read(5000);
      });
      expect(tookMs).toBeGreaterThanOrEqual(500 - 5 * slackMs);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5000);
    },
  },
  {
    what: "bandwidth 0 freezes the link, and its removal delivers what it held",
    async check({ api, connect, add }) {
      const path = await add("bandwidth", { rate: 0 });
      const pair = await connect();
      const data = randomBytes(100_000);
      pair.server.send(data);
      pair.client.send("x");
      await pair.server.readText("x");
      expect(pair.client.received).toHaveLength(0);
      await api.must("DELETE", path);
      expect((await pair.client.read(data.length)).equals(data)).toBe(true);
      await expectFlow(pair);
    },
  },
  {
    what: "bandwidth below 0",
    differs: "the real server dies of it",
    async check({ kind, api, proxy, connect, died, add }) {
      if (kind === "embedded") {
        const body = { type: "bandwidth", attributes: { rate: -1 } };
        const answer = await api.post(`/proxies/${proxy}/toxics`, body);
        expect(answer.status).toBe(400);
        expect(answer.text).toContain("rate must not be less than 0");
        return;
      }
      await add("bandwidth", { rate: -1 });
      (await connect()).server.send("x".repeat(1000));
      expect(await died).toBeUndefined();
    },
  },
  {
    what: "slicer: all arrives, in more than one piece",
    async check({ connect, add }) {
      await add("slicer", { average_size: 10, size_variation: 2, delay: 5000 });
      const { client, server } = await connect();
      let pieces = 0;
      client.socket.on("data", () => pieces++);
      const data = randomBytes(100);
      server.send(data);
      expect((await client.read(100)).equals(data)).toBe(true);
      expect(pieces).toBeGreaterThan(1);
    },
  },
  {
    what: "slicer without attributes",
    differs: "the real server dies of it; the embedded one leaves chunks whole",
    async check({ kind, connect, died, add }) {
      await add("slicer");
      const pair = await connect();
      if (kind === "embedded") return expectFlow(pair);
      pair.server.send("x");
      expect(await died).toBeUndefined();
    },
  },
];
