import { Toxiproxy } from "toxiproxy-node-client";
import type { ICreateToxicBody, Latency } from "toxiproxy-node-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Peer, Upstream } from "../../proxy/peer.ts";
import { subjects } from "./subject.ts";
import type { RunningSubject, Subject } from "./subject.ts";

/** What the client library of Node users does, and does wrong, with each server. */
describe.each(subjects)("toxiproxy-node-client with $name", (subject: Subject) => {
  let server: RunningSubject;
  let client: Toxiproxy;
  let upstream: Upstream;

  beforeAll(async () => {
    server = await subject.start();
    client = new Toxiproxy(server.url);
    upstream = await Upstream.echo();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const create = (name: string) =>
    client.createProxy({ name, listen: "127.0.0.1:0", upstream: upstream.address });
  // Its types ask for more than any server does.
  const latency = { type: "latency", attributes: { latency: 30 } } as ICreateToxicBody<Latency>;

  const halfLatency = { toxicity: 0.5, attributes: { latency: 40 } } as ICreateToxicBody<Latency>;

  it("creates, changes and removes a proxy", async () => {
    const proxy = await create("life");
    expect(proxy).toMatchObject({ name: "life", enabled: true, upstream: upstream.address });
    const peer = await Peer.connect(proxy.listen);
    peer.send("hello");
    await peer.readText("hello");
    const { listen } = proxy;
    const disabled = await proxy.update({ enabled: false, listen, upstream: upstream.address });
    expect(disabled.enabled).toBe(false);
    expect(await peer.ended()).toBe("fin");
    expect((await client.get("life")).enabled).toBe(false);
    await proxy.remove();
    await expect(client.get("life")).rejects.toThrow("404");
  });

  it("creates, changes and removes a toxic", async () => {
    const proxy = await create("toxic");
    const toxic = await proxy.addToxic(latency);
    expect(toxic).toMatchObject({ name: "latency_downstream", stream: "downstream", toxicity: 1 });
    const updated = await toxic.update(halfLatency);
    expect(updated).toMatchObject({ toxicity: 0.5, attributes: { latency: 40, jitter: 0 } });
    expect((await proxy.getToxic("latency_downstream")).toxicity).toBe(0.5);
    await toxic.remove();
    await expect(proxy.getToxic("latency_downstream")).rejects.toThrow("404");
  });

  it("populates, lists and resets", async () => {
    const { address } = upstream;
    const made = await client.populate([
      { name: "p1", listen: "127.0.0.1:0", upstream: address },
      { name: "p2", listen: "127.0.0.1:0", upstream: address, enabled: false },
    ]);
    expect(made).toMatchObject({ p1: { enabled: true }, p2: { enabled: false } });
    await made["p1"]?.addToxic(latency);
    await client.reset();
    const all = await client.getAll();
    expect(Object.keys(all)).toEqual(expect.arrayContaining(["p1", "p2"]));
    expect(all["p2"]?.enabled).toBe(true);
    await expect(made["p1"]?.getToxic("latency_downstream")).rejects.toThrow("404");
  });

  it("tells the version as the text of the answer", async () => {
    expect(JSON.parse(await client.getVersion())).toHaveProperty("version");
  });

  it("throws the server's explanation away", async () => {
    await create("twice");
    await expect(create("twice")).rejects.toThrow("Request failed with status code 409");
  });

  it("populates nothing (differs on purpose: the real server's null makes the client throw)", async () => {
    const answer = await client.populate([]).catch(String);
    const expected = { embedded: {}, real: "TypeError: res.data.proxies is not iterable" };
    expect(answer).toEqual(expected[subject.kind]);
  });

  it("with a slash after the host, it creates a proxy without a name", async () => {
    const proxy = await new Toxiproxy(`${server.url}/`).createProxy({
      name: "slash",
      listen: "127.0.0.1:0",
      upstream: upstream.address,
    });
    expect(proxy.name).toBeUndefined();
  });
});
