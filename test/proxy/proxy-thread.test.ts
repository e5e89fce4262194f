import { spawn } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { compiledModule } from "../../src/base/package-root.ts";
import { withDeadline } from "../../src/base/timer.ts";
import { startProxyThread } from "../../src/proxy/proxy-thread.ts";
import { ApiClient } from "./api-client.ts";
import { Peer, Upstream } from "./peer.ts";

const module = compiledModule(import.meta.url, "../../src/proxy/proxy-thread.ts").href;

/** Runs a program that uses the compiled thread; what it printed, and how it ended. */
async function run(program: string): Promise<{ output: string; code: unknown }> {
  const source = `import { startProxyThread } from ${JSON.stringify(module)};\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
  let output = "";
  child.stdout.on("data", (data) => (output += String(data)));
  child.stderr.on("data", (data) => (output += String(data)));
  const [code] = await withDeadline(once(child, "exit"), { ms: 20_000, what: "the program" });
  return { output, code };
}

describe("startProxyThread", () => {
  it("serves until it is stopped, and then nothing is left of it", async () => {
    await using upstream = await Upstream.echo();
    const thread = await startProxyThread({ seed: 1 });
    expect(thread.version).toMatch(/^2\.12\.0-doubletake\./);
    const api = new ApiClient(thread.url);
    const listen = await api.proxy("echo", upstream.address);
    const peer = await Peer.connect(listen);
    peer.send("hello");
    await peer.readText("hello");
    await Promise.all([thread.stop(), thread.stop()]);
    expect(await peer.ended()).not.toBeUndefined();
    await expect(Peer.connect(listen)).rejects.toThrow("ECONNREFUSED");
    await expect(api.get("/version")).rejects.toThrow("fetch failed");
    expect(thread.died.aborted).toBe(false);
  });

  it("fails with one clear message when the port is in use", async () => {
    await using taken = await Upstream.open();
    const start = startProxyThread({ port: taken.port });
    await expect(start).rejects.toThrow(`127.0.0.1:${taken.port}: the port is in use`);
    await expect(start).rejects.toBeInstanceOf(HarnessError);
  });

  it("gives a start up when it is told to", async () => {
    const signal = AbortSignal.abort();
    await expect(startProxyThread({ signal })).rejects.toThrow("was given up");
  });

  it("tells its parent when it dies, and can still be stopped", async () => {
    const unref = vi.spyOn(Worker.prototype, "unref");
    const thread = await startProxyThread();
    const worker = unref.mock.contexts[0] as Worker;
    unref.mockRestore();
    const died = once(thread.died, "abort");
    await worker.terminate();
    await withDeadline(died, { ms: 20_000, what: "the news of the death" });
    expect(thread.died.reason).toMatchObject({ what: "the proxy thread ended unexpectedly" });
    await expect(thread.stop()).resolves.toBeUndefined();
  });

  it("does not keep a program alive that forgot to stop it", async () => {
    const { output, code } = await run("await startProxyThread(); console.log('done');");
    expect([output, code]).toEqual(["done\n", 0]);
  });
});
