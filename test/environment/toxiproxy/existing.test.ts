import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { currentOwner, ownerTag } from "../../../src/environment/owner.ts";
import { toxiproxyApi } from "../../../src/environment/toxiproxy/toxiproxy-api.ts";
import { startToxiproxy } from "../../../src/environment/toxiproxy/toxiproxy-servers.ts";
import { startHost } from "../host.ts";

const upstream = { host: "127.0.0.1", port: 1 };

function request(server: string): Parameters<typeof startToxiproxy>[0] {
  return { server, image: "", seed: 1 };
}

test("only our own proxies are removed at the end", async () => {
  await using shared = await startToxiproxy(request("embedded"));
  const api = toxiproxyApi(shared.url);
  await shared.createLink({ name: "postgres", upstream });
  const ours = await startToxiproxy(request(`${shared.url}/`));
  await ours.createLink({ name: "postgres", upstream });
  expect(Object.keys(await api.getAll())).toHaveLength(2);
  await Promise.all([ours.stop(), ours.stop()]);
  expect(Object.keys(await api.getAll())).toEqual(["postgres"]);
});

test("proxies of a run that was killed are removed by the next one, those of a live run are not", async () => {
  await using shared = await startToxiproxy(request("embedded"));
  const api = toxiproxyApi(shared.url);
  const dead = await startHost({ request: { kind: "toxiproxy", server: "embedded" } });
  const alive = ownerTag(currentOwner());
  const gone = ownerTag({ ...currentOwner(), pid: dead.process.pid ?? 0 });
  await dead.kill("SIGKILL");
  const elsewhere = ownerTag({ ...currentOwner(), host: "another-machine" });
  for (const tag of [alive, gone, elsewhere]) {
    await shared.createLink({ name: `doubletake-${tag}-postgres`, upstream });
  }
  await using _next = await startToxiproxy(request(shared.url));
  expect(Object.keys(await api.getAll()).toSorted()).toEqual(
    [alive, elsewhere].map((tag) => `doubletake-${tag}-postgres`).toSorted(),
  );
});

test("what is not a Toxiproxy is one clear message", async () => {
  await using server = await startToxiproxy(request("embedded"));
  await expect(startToxiproxy(request("http://127.0.0.1:1"))).rejects.toThrow(
    /http:\/\/127\.0\.0\.1:1.*cannot be reached/,
  );
  await expect(startToxiproxy(request(`${server.url}/proxies`))).rejects.toMatchObject({
    kind: "usage",
  });
});

test("a server whose proxies cannot be reached, as in a container, is one clear message", async () => {
  // It makes a proxy at port 1, where nothing listens.
  const proxy = { name: "x", listen: "127.0.0.1:1", upstream: "127.0.0.1:1", enabled: true };
  const answer = (path: string): unknown => {
    if (path === "/version") return { version: "2.12.0" };
    return path === "/proxies" ? proxy : {};
  };
  const contained = createServer((incoming, response) => {
    response.end(JSON.stringify(answer(incoming.url ?? "")));
  });
  contained.listen(0, "127.0.0.1");
  await once(contained, "listening");
  const { port } = contained.address() as AddressInfo;
  const server = await startToxiproxy(request(`http://127.0.0.1:${port}`));
  await expect(server.createLink({ name: "postgres", upstream })).rejects.toThrow(
    /proxy at 127\.0\.0\.1:1, which cannot be reached/,
  );
  await server.stop();
  contained.close();
});

test("a Toxiproxy elsewhere is not asked to reach a server that only this machine can", async () => {
  const { driveToxiproxy } = await import("../../../src/environment/toxiproxy/driven-toxiproxy.ts");
  await using server = await startToxiproxy(request("embedded"));
  // The same server, by a name that is not a loopback one.
  const url = server.url.replace("127.0.0.1", "0.0.0.0");
  const elsewhere = await driveToxiproxy({ kind: "existing", url });
  await expect(elsewhere.createLink({ name: "postgres", upstream })).rejects.toThrow(
    /another machine cannot reach 127\.0\.0\.1:1/,
  );
});
