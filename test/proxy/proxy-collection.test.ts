import { describe, expect, it } from "vitest";
import { ProxyCollection, ProxyGoneError } from "../../src/proxy/proxy-collection.ts";
import { Peer, Upstream } from "./peer.ts";

const request = {
  name: "a",
  listen: "127.0.0.1:0",
  enabled: true,
  halfClose: false,
  pool: undefined,
  toxics: [],
};

describe("ProxyCollection", () => {
  it("makes one proxy of a name, however many ask at once", async () => {
    const proxies = new ProxyCollection(0);
    const asked = Array.from({ length: 10 }, () => proxies.create({ ...request, upstream: "b:1" }));
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await proxies.stop();
  });

  it("does not bring a proxy back that was removed meanwhile", async () => {
    const proxies = new ProxyCollection(0);
    const proxy = await proxies.create({ ...request, upstream: "b:1" });
    const removed = proxies.remove(proxy);
    const updated = proxies.update(proxy, { enabled: true });
    await removed;
    await expect(updated).rejects.toBeInstanceOf(ProxyGoneError);
    expect(proxy.enabled).toBe(false);
  });

  it("stops with every port and connection closed, and makes no more proxies", async () => {
    await using upstream = await Upstream.echo();
    const proxies = new ProxyCollection(0);
    const proxy = await proxies.create({ ...request, upstream: upstream.address });
    const peer = await Peer.connect(proxy.listen);
    peer.send("x");
    await peer.readText("x");
    await proxies.stop();
    expect(proxy.connections).toEqual([]);
    await expect(Peer.connect(proxy.listen)).rejects.toThrow("ECONNREFUSED");
    const late = proxies.create({ ...request, upstream: "b:1" });
    await expect(late).rejects.toBeInstanceOf(ProxyGoneError);
  });
});
