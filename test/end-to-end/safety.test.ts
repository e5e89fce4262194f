import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { processesWith } from "../environment/processes.ts";
import { needsRoot } from "../setup/machine.ts";
import { BorrowedServers, nothing, scenario } from "./borrowed-servers.ts";
import { Workplace } from "./command.ts";

let servers: BorrowedServers;

beforeAll(async () => {
  servers = await BorrowedServers.start();
});
afterAll(() => servers[Symbol.asyncDispose]());

describe("on servers that are not the run's own, with faults standing", () => {
  it("SIGKILL leaves what the next start removes: schema, slot, setting, proxies, processes", async () => {
    using place = new Workplace();
    const command = await servers.startWithFaults(place);
    command.child.kill("SIGKILL");
    await command.ended;
    const left = await servers.traces();
    expect(left).toMatchObject({ schemas: 1, slots: 1, settings: 1 });
    expect(left["proxies"]).toBeGreaterThan(0);
    // The server notices the end of the connections, and with them of the run, when it reads from them.
    const isUnnoticed = async (): Promise<boolean> => (await servers.traces())["sessions"] === 0;
    await waitUntil(isUnnoticed, { ms: 20_000, everyMs: 50 });

    const file = join(place.path, "next.yaml");
    writeFileSync(file, scenario(60));
    const next = await place.run("run", file, ...servers.options());
    expect(next.exitCode, next.stdout + next.stderr).toBe(0);
    expect(await servers.traces()).toEqual(nothing);
    expect(place.leftovers()).toEqual([]);
    expect(processesWith(place.path)).toEqual([]);
  });

  it("SIGTERM leaves nothing, also where the run has lost its own connections before", async () => {
    using place = new Workplace();
    const command = await servers.startWithFaults(place);
    await servers.loseControl();
    command.child.kill("SIGTERM");
    const result = await command.ended;
    expect(result.exitCode, result.stderr).toBe(143);
    expect(await servers.traces()).toEqual(nothing);
    expect(processesWith(place.path)).toEqual([]);
  });

  it.runIf(needsRoot("a full disk under the history of a run"))(
    "a disk that is full while the run is recorded ends it at once, with one clear message",
    async () => {
      using place = new Workplace();
      mkdirSync(place.reports);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "doubletake-test", place.reports]);
      try {
        const file = join(place.path, "safety.yaml");
        writeFileSync(file, scenario(10_000));
        const result = await place.run("run", file, ...servers.options());
        expect(result.exitCode, result.stderr).toBe(69);
        // At once, and not when the round is over: by far not every job is done.
        expect(result.stderr).toContain("stopping the run");
        const granted = /verify: ([\d,]+) granted/.exec(result.stderr)?.[1] ?? "0";
        expect(Number(granted.replaceAll(",", "")), result.stderr).toBeLessThan(10_000);
        const told = result.stderr.match(
          /the (history|witness) cannot be written: the disk is full/g,
        );
        expect(told, result.stderr).toHaveLength(1);
        expect(result.stderr).toContain("--out DIR");
        expect(result.stderr).not.toMatch(/\n\s+at /);
        expect(await servers.traces()).toEqual(nothing);
      } finally {
        execFileSync("umount", [place.reports]);
      }
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(place.reports);
    },
  );
});
