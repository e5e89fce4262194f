import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findToxiproxyBinary } from "../../../src/environment/toxiproxy/binary.ts";
import type {
  Link,
  Toxic,
  ToxiproxyServer,
} from "../../../src/environment/toxiproxy/toxiproxy-server.ts";
import { startToxiproxy } from "../../../src/environment/toxiproxy/toxiproxy-servers.ts";
import { useTemporaryFolder } from "../temporary-folder.ts";
import { echo, startEchoServer } from "./echo-server.ts";

useTemporaryFolder();

/** Lets three bytes through, then closes. */
const limit: Toxic = {
  name: "short",
  type: "limit_data",
  stream: "downstream",
  toxicity: 1,
  attributes: { bytes: 3 },
};

function request(server: string): Parameters<typeof startToxiproxy>[0] {
  return { server, image: "", seed: 1 };
}

function realServerIsThere(): boolean {
  try {
    findToxiproxyBinary();
    return true;
  } catch {
    return false;
  }
}

/** Without the real program, its supervision is still tested with a stand-in (binary.test.ts). */
const kinds = realServerIsThere()
  ? (["embedded", "existing", "binary"] as const)
  : (["embedded", "existing"] as const);

describe.each(kinds)("%s", (kind) => {
  let owner: ToxiproxyServer | undefined;
  let server: ToxiproxyServer;
  let upstream: Awaited<ReturnType<typeof startEchoServer>>;
  let link: Link;

  beforeAll(async () => {
    owner = kind === "existing" ? await startToxiproxy(request("embedded")) : undefined;
    server = await startToxiproxy(request(owner?.url ?? kind));
    upstream = await startEchoServer();
    link = await server.createLink({ name: "postgres", upstream });
  });
  afterAll(async () => {
    await server.stop();
    await owner?.stop();
    await upstream[Symbol.asyncDispose]();
  });

  test("makes a link whose connections share backends, or says that it cannot", async () => {
    const pooled = await server
      .createLink({ name: "pooled", upstream, poolSize: 2 })
      .then(({ name }) => name, String);
    expect(pooled).toMatch(kind === "binary" ? "cannot share backends" : /^pooled$/);
  });

  test("says what it is and what it can do", () => {
    const isOurs = kind !== "binary";
    expect(server.kind).toBe(kind);
    expect(server.description).toBe(`Toxiproxy ${server.version} (${kind})`);
    expect(server.version.includes("doubletake")).toBe(isOurs);
    expect([...server.capabilities]).toEqual(
      isOurs ? ["postgres-cut", "connections", "events", "pooling"] : [],
    );
  });

  test("a link leads to its upstream", async () => {
    expect(link.name).toBe("postgres");
    expect(await echo(link.listen, "hello")).toBe("hello");
  });

  test("a toxic works from its addition to its removal, and is listed", async () => {
    await link.addToxic(limit);
    expect(await link.toxics()).toEqual([limit]);
    expect(await echo(link.listen, "hello")).toBe("hel");
    await link.removeToxic("short");
    expect(await link.toxics()).toEqual([]);
    expect(await echo(link.listen, "hello")).toBe("hello");
  });

  test("removing a toxic that is not there is no error", async () => {
    await expect(link.removeToxic("never-added")).resolves.toBeUndefined();
  });

  test("what the server refuses is an error in its own words", async () => {
    const wrong = link.addToxic({ ...limit, type: "no_such_type" });
    await expect(wrong).rejects.toThrow("invalid toxic type");
    await expect(wrong).rejects.toMatchObject({ kind: "environment", status: 400 });
    await link.addToxic(limit);
    await expect(link.addToxic(limit)).rejects.toThrow("toxic already exists");
    await link.removeToxic("short");
    await expect(server.createLink({ name: "postgres", upstream })).rejects.toThrow(
      "proxy already exists",
    );
  });

  test("a name that would have to be encoded is refused before it is sent", async () => {
    await expect(server.createLink({ name: "a/b", upstream })).rejects.toMatchObject({
      kind: "usage",
    });
    await expect(link.addToxic({ ...limit, name: "a?" })).rejects.toMatchObject({ kind: "usage" });
    await expect(link.removeToxic("../x")).rejects.toMatchObject({ kind: "usage" });
  });

  test("a disabled link refuses connections, and keeps its port and its toxics", async () => {
    await link.addToxic(limit);
    await link.setEnabled(false);
    await expect(echo(link.listen, "hello")).rejects.toThrow("ECONNREFUSED");
    await link.setEnabled(true);
    expect(await echo(link.listen, "hello")).toBe("hel");
    await link.removeToxic("short");
  });
});

test("a server that is no longer there is one clear message", async () => {
  const server = await startToxiproxy(request("embedded"));
  const link = await server.createLink({ name: "x", upstream: { host: "127.0.0.1", port: 1 } });
  await Promise.all([server.stop(), server.stop()]);
  await expect(link.setEnabled(false)).rejects.toMatchObject({ kind: "environment" });
  await expect(link.setEnabled(false)).rejects.toThrow(/cannot be reached: ECONNREFUSED/);
});

test("a name that is no server is bad usage, and does not show a password", async () => {
  await expect(startToxiproxy(request("toxic"))).rejects.toMatchObject({ kind: "usage" });
  await expect(startToxiproxy(request("constructor"))).rejects.toMatchObject({ kind: "usage" });
  const hidden = startToxiproxy(request("ftp://me:secret@host"));
  await expect(hidden).rejects.toThrow("me:***@host");
  await expect(hidden).rejects.not.toThrow("secret");
});
