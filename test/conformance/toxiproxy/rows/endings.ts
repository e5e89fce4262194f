import { expect } from "vitest";
import { Peer } from "../../../proxy/peer.ts";
import { expectFlow, foreverMs, timed } from "./link-row.ts";
import type { LinkRow } from "./link-row.ts";

export const endingRows: readonly LinkRow[] = [
  {
    what: "a half-closed client is closed: no later answer arrives",
    async check({ connect }) {
      const { client, server } = await connect();
      client.send("request");
      client.socket.end();
      expect((await server.readToEnd()).toString()).toBe("request");
      server.send("answer");
      server.socket.end();
      expect(await client.readToEnd()).toHaveLength(0);
    },
  },
  {
    what: "an upstream that refuses: the client reads an end, and the proxy stays",
    async check({ api, proxy, listen }) {
      await api.must("PATCH", `/proxies/${proxy}`, { upstream: "127.0.0.1:1" });
      for (let i = 0; i < 2; i++) {
        expect(await (await Peer.connect(listen)).ended()).toBe("fin");
      }
      expect(await api.must("GET", `/proxies/${proxy}`)).toMatchObject({ enabled: true });
    },
  },
  {
    what: "disabled: connections end, new ones are refused; enabled again on the same port, with its toxics",
    async check({ api, proxy, listen, connect, add }) {
      await add("noop");
      const { client, server } = await connect();
      await api.must("POST", `/proxies/${proxy}`, { enabled: false });
      expect(await client.ended()).toBe("fin");
      expect(await server.ended()).toBe("fin");
      await expect(Peer.connect(listen)).rejects.toThrow("ECONNREFUSED");
      const enabled = await api.must("POST", `/proxies/${proxy}`, { enabled: true });
      expect(enabled).toMatchObject({ listen, toxics: [{ type: "noop" }] });
      await expectFlow(await connect());
    },
  },
  {
    what: "deleted: connections end",
    async check({ api, proxy, connect }) {
      const { client, server } = await connect();
      await api.must("DELETE", `/proxies/${proxy}`);
      expect(await client.ended()).toBe("fin");
      expect(await server.ended()).toBe("fin");
    },
  },
  {
    what: "slow_close: the server's end reaches the client late",
    async check({ connect, add }) {
      await add("slow_close", { delay: 150 });
      const { client, server } = await connect();
      server.send("data");
      await client.readText("data");
      const tookMs = await timed(() => {
        server.socket.end();
        return client.ended();
      });
      expect(tookMs).toBeGreaterThanOrEqual(149);
    },
  },
  {
    what: "slow_close downstream: the client's end reaches the server at once",
    async check({ connect, add }) {
      await add("slow_close", { delay: foreverMs });
      const { client, server } = await connect();
      client.socket.end();
      expect(await server.ended()).toBe("fin");
      expect(client.isOver).toBe(false);
    },
  },
  {
    what: "timeout 0 drops the data and closes nothing; its removal closes the connection",
    async check({ api, connect, add }) {
      const path = await add("timeout", { timeout: 0 });
      const { client, server } = await connect();
      server.send("lost");
      client.send("x");
      await server.readText("x");
      expect(client.isOver).toBe(false);
      await api.must("DELETE", path);
      expect(await client.readToEnd()).toHaveLength(0);
      expect(await server.ended()).toBe("fin");
    },
  },
  {
    what: "timeout closes a quiet connection",
    async check({ connect, add }) {
      await add("timeout", { timeout: 100 });
      // From before the connect: the toxic's time runs from when the proxy has connected.
      const tookMs = await timed(async () => {
        const { client, server } = await connect();
        expect(await client.ended()).toBe("fin");
        expect(await server.ended()).toBe("fin");
      });
      expect(tookMs).toBeGreaterThanOrEqual(99);
    },
  },
  {
    what: "timeout: the removal of one that did not affect the connection",
    differs: "the real server closes connections that toxicity had left alone, too",
    async check({ kind, api, connect, add }) {
      const path = await add("timeout", { timeout: 0 }, { toxicity: 0 });
      const pair = await connect();
      await expectFlow(pair);
      await api.must("DELETE", path);
      if (kind === "embedded") return expectFlow(pair);
      expect(await pair.client.ended()).toBe("fin");
    },
  },
  {
    what: "reset_peer that was there before the connection resets both peers at the first byte",
    async check({ connect, add }) {
      await add("reset_peer");
      const { client, server } = await connect();
      server.send("x");
      expect(await client.ended()).toBe("rst");
      expect(await server.ended()).toBe("rst");
      expect(client.received).toHaveLength(0);
    },
  },
  {
    what: "reset_peer added to a live connection",
    differs: "the real server only resets connections that were made with the toxic in place",
    async check({ kind, connect, add }) {
      const pair = await connect();
      await expectFlow(pair);
      await add("reset_peer");
      pair.server.send("x");
      expect(await pair.client.ended()).toBe(kind === "embedded" ? "rst" : "fin");
    },
  },
  {
    what: "reset_peer with toxicity 0, and then a normal end",
    differs: "the real server resets whatever connection was made while there is such a toxic",
    async check({ kind, connect, add }) {
      await add("reset_peer", {}, { toxicity: 0 });
      const pair = await connect();
      await expectFlow(pair);
      pair.server.socket.end();
      expect(await pair.client.ended()).toBe(kind === "embedded" ? "fin" : "rst");
    },
  },
  {
    what: "reset_peer upstream: the byte that triggers it is not delivered, an idle connection is left alone",
    async check({ connect, add }) {
      await add("reset_peer", {}, { stream: "upstream" });
      const idle = await connect();
      const { client, server } = await connect();
      client.send("x");
      expect(await server.ended()).toBe("rst");
      expect(server.received).toHaveLength(0);
      expect(idle.client.isOver).toBe(false);
    },
  },
  {
    what: "limit_data lets exactly so many bytes through, and ends",
    async check({ connect, add }) {
      await add("limit_data", { bytes: 100 });
      const { client, server } = await connect();
      server.send(Buffer.alloc(60, "a"));
      await client.read(60);
      server.send(Buffer.alloc(60, "b"));
      expect((await client.readToEnd()).toString()).toBe("b".repeat(40));
      expect(await server.ended()).not.toBeUndefined();
    },
  },
  {
    what: "limit_data: exactly at the limit ends at once, and counts over updates",
    async check({ api, connect, add }) {
      const path = await add("limit_data", { bytes: 1000 });
      const { client, server } = await connect();
      server.send(Buffer.alloc(60));
      await client.read(60);
      await api.must("PATCH", path, { attributes: { bytes: 100 } });
      server.send(Buffer.alloc(40));
      expect(await client.readToEnd()).toHaveLength(40);
    },
  },
  {
    what: "limit_data: lowered below what has passed, it ends at the next chunk",
    async check({ api, connect, add }) {
      const path = await add("limit_data", { bytes: 1000 });
      const { client, server } = await connect();
      server.send(Buffer.alloc(60));
      await client.read(60);
      await api.must("PATCH", path, { attributes: { bytes: 10 } });
      client.send("x");
      await server.readText("x");
      expect(client.isOver).toBe(false);
      server.send("y");
      expect(await client.readToEnd()).toHaveLength(0);
    },
  },
  {
    what: "limit_data 0 ends at the first byte, with nothing passed",
    async check({ connect, add }) {
      await add("limit_data", { bytes: 0 });
      const { client, server } = await connect();
      server.send("x");
      expect(await client.readToEnd()).toHaveLength(0);
    },
  },
];
