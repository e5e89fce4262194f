import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { freePort } from "../../../src/environment/free-port.ts";
import { removeLeftovers, runFolders } from "../../../src/environment/leftovers.ts";
import { findToxiproxyBinary } from "../../../src/environment/toxiproxy/binary.ts";
import { startToxiproxy } from "../../../src/environment/toxiproxy/toxiproxy-servers.ts";
import { startHost } from "../host.ts";
import { everythingGone, killGuard, processesWith } from "../processes.ts";
import { useTemporaryFolder } from "../temporary-folder.ts";
import { needsLinux } from "../../setup/machine.ts";

const isLinux = needsLinux("what a killed run leaves of a toxiproxy-server");

vi.mock(import("../../../src/environment/free-port.ts"), async (original) => {
  const { freePort: real } = await original();
  return { freePort: vi.fn<typeof real>(real) };
});

useTemporaryFolder();
const fake = fileURLToPath(new URL("fake-toxiproxy-server.mjs", import.meta.url));
const path = process.env["PATH"];
const request = { server: "binary", image: "", seed: 1 };

function useFake(): void {
  vi.stubEnv("TOXIPROXY_SERVER", fake);
}

afterEach(() => {
  vi.stubEnv("TOXIPROXY_SERVER", undefined);
  vi.stubEnv("PATH", path);
});

async function onlyFolder(): Promise<string> {
  const folders = await runFolders();
  expect(folders).toHaveLength(1);
  return folders[0]?.path ?? "";
}

test("its own server is started, told apart, and stopped with its folder", async () => {
  useFake();
  const server = await startToxiproxy(request);
  const folder = await onlyFolder();
  expect(server.description).toBe("Toxiproxy 2.12.0 (binary)");
  expect(await (await fetch(`${server.url}/proxies`)).json()).toEqual({});
  await server.stop();
  expect(await everythingGone(folder)).toBe(true);
});

test("a Toxiproxy of somebody else at the port is not taken for ours", async () => {
  useFake();
  const other = await startToxiproxy({ ...request, server: "embedded" });
  vi.mocked(freePort).mockResolvedValueOnce(Number(new URL(other.url).port));
  const server = await startToxiproxy(request);
  expect(server.url).not.toBe(other.url);
  expect(server.version).toBe("2.12.0");
  await server.stop();
  await other.stop();
});

test("a silent program at the port does not hold the start up", async () => {
  useFake();
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  vi.mocked(freePort).mockResolvedValueOnce(port);
  const server = await startToxiproxy(request);
  expect(server.url).not.toContain(`:${port}`);
  await server.stop();
  silent.close();
});

test("a program that ends at once is one clear message, with its own words", async () => {
  vi.stubEnv("TOXIPROXY_SERVER", "/bin/false");
  await expect(startToxiproxy(request)).rejects.toThrow("did not start");
  await expect(startToxiproxy(request)).rejects.toMatchObject({ kind: "environment" });
  expect(await runFolders()).toEqual([]);
});

test("a missing program is one clear message", () => {
  vi.stubEnv("TOXIPROXY_SERVER", "/no/such/program");
  expect(findToxiproxyBinary).toThrow(/\/no\/such\/program: TOXIPROXY_SERVER names no program/);
  vi.stubEnv("TOXIPROXY_SERVER", undefined);
  vi.stubEnv("PATH", "/no/such/folder");
  expect(findToxiproxyBinary).toThrow(/there is no toxiproxy-server on PATH/);
});

test.runIf(isLinux)("a killed run leaves nothing running", async () => {
  useFake();
  const host = await startHost({ request: { kind: "toxiproxy", server: "binary" } });
  expect(host.said).toMatchObject({ ok: true });
  const folder = await onlyFolder();
  await host.kill("SIGKILL");
  expect(await everythingGone(folder)).toBe(true);
});

test.runIf(isLinux)("nor does one killed with its guard, once the next has started", async () => {
  useFake();
  const host = await startHost({ request: { kind: "toxiproxy", server: "binary" } });
  const folder = await onlyFolder();
  await killGuard(folder);
  await host.kill("SIGKILL");
  expect(processesWith(folder)).toHaveLength(1);
  expect(await removeLeftovers()).toEqual([folder]);
  expect(await everythingGone(folder)).toBe(true);
});
