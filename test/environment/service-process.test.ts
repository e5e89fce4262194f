import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { ServiceProcess } from "../../src/environment/service-process.ts";
import type { ServiceCommand } from "../../src/environment/service-process.ts";

const service = join(packageRoot, "test/fixtures/lease-service/service.mjs");
const inMemory: ServiceCommand = {
  command: [process.execPath, service],
  env: { MEMORY: "1" },
  ready: "/status",
  startWithinMs: 30_000,
};

async function isThere(address: string): Promise<boolean> {
  return await fetch(address).then(
    () => true,
    () => false,
  );
}

describe("a service of somebody else's", () => {
  it("answers when it is started, and is gone when it is stopped, however often", async () => {
    const started = await ServiceProcess.start(inMemory);
    const address = `http://127.0.0.1:${started.port}/status`;
    expect(await isThere(address)).toBe(true);
    await Promise.all([started.stop(), started.stop()]);
    await started.stop();
    expect(await isThere(address)).toBe(false);
  });

  it("takes what it started with it", async () => {
    const child = `require("child_process").spawn(process.execPath, [${JSON.stringify(service)}], { stdio: "ignore" }); setInterval(() => {}, 1000)`;
    const started = await ServiceProcess.start({
      ...inMemory,
      command: [process.execPath, "-e", child],
    });
    await started.stop();
    expect(await isThere(`http://127.0.0.1:${started.port}/status`)).toBe(false);
  });

  it.each([
    ["cannot be run", { command: ["/no/such/program"] }, /no\/such\/program/],
    [
      "prints why it cannot",
      { command: ["/bin/sh", "-c", "echo no licence; sleep 60"] },
      /no licence/,
    ],
    ["never gets ready", { ready: "/nowhere" }, /did not answer at \/nowhere/],
  ])("that %s is one clear message", async (_what, changes, message) => {
    const request = { ...inMemory, startWithinMs: 1_500, ...changes };
    await expect(ServiceProcess.start(request)).rejects.toThrow(message);
  });
});
