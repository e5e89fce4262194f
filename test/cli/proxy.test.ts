import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { withDeadline } from "../../src/base/timer.ts";
import { ApiClient } from "../proxy/api-client.ts";
import { Upstream } from "../proxy/peer.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "doubletake-proxy-test-"));
});

afterAll(() => rm(folder, { recursive: true }));

function proxy(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(packageRoot, "dist/main.js"), "proxy", ...args]);
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [data] = (await withDeadline(once(child.stdout as NodeJS.ReadableStream, "data"), {
    ms: 20_000,
    what: "the first line",
  })) as [Buffer];
  return data.toString().trim();
}

/** The exit code, and what was said on stderr. */
async function failure(child: ChildProcess): Promise<readonly [unknown, string]> {
  let said = "";
  child.stderr?.on("data", (data) => (said += String(data)));
  const [code] = await withDeadline(once(child, "close"), { ms: 20_000, what: "the end" });
  return [code, said];
}

describe("doubletake proxy", () => {
  it("prints its URL, has the proxies of its config file, and ends by SIGTERM with 0", async () => {
    const config = join(folder, "proxies.json");
    const entries = [{ name: "a", upstream: "b:1", enabled: false, toxics: [{ type: "noop" }] }];
    await writeFile(config, JSON.stringify(entries));
    const child = proxy("--port", "0", "--config", config, "--seed", "5");
    const api = new ApiClient(await firstLine(child));
    expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await api.must("GET", "/proxies")).toMatchObject({ a: { toxics: [{ type: "noop" }] } });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("takes the flags of toxiproxy-server, and prints JSON when asked to", async () => {
    const child = proxy("-host=localhost", "-port", "0", "-runtime-metrics", "--json");
    const { url, version } = JSON.parse(await firstLine(child)) as Record<string, string>;
    expect(version).toContain("doubletake");
    const { text } = await new ApiClient(String(url)).get("/metrics");
    expect(text).toContain("process_resident_memory_bytes ");
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says that its port is in use: 69", async () => {
    await using taken = await Upstream.open();
    const [code, said] = await failure(proxy("--port", String(taken.port)));
    expect([code, said]).toEqual([69, expect.stringContaining("the port is in use")]);
  });

  it.each([
    [["--port", "99999"], "--port: 99999 is not a whole number"],
    [["--seed", "x"], "--seed: x is not a whole number"],
    [["--nope"], "unknown option '--nope'"],
    [["--config", "/nowhere.json"], "/nowhere.json: ENOENT"],
  ] as const)("refuses %j: 64", async (args, message) => {
    const [code, said] = await failure(proxy(...args));
    expect([code, said]).toEqual([64, expect.stringContaining(message)]);
  });
});
