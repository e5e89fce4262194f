import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { waitUntil } from "../../src/base/timer.ts";
import { GuardedProcess } from "../../src/environment/guarded-process.ts";
import { removeLeftovers } from "../../src/environment/leftovers.ts";
import { processState } from "../../src/environment/process-state.ts";
import { needsLinux } from "../setup/machine.ts";
import { processesWith } from "./processes.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

/** Tells its number, then whatever it is told; never ends by itself, and pays no heed to the end of its commands. */
const stubborn = `
const { writeSync, createReadStream } = require("node:fs");
writeSync(3, process.pid + "\\n");
createReadStream(null, { fd: 4 }).on("data", (chunk) => writeSync(3, chunk));
setInterval(() => undefined, 1000);
`;

const temporary = useTemporaryFolder();

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-test-"));
  file = join(folder, "stubborn.cjs");
  writeFileSync(file, stubborn);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(): Promise<{ child: GuardedProcess; pid: number; told: () => string }> {
  const child = await GuardedProcess.start({ file, args: [] });
  let told = "";
  child.output.on("data", (chunk: Buffer) => (told += chunk.toString()));
  expect(await waitUntil(() => told.includes("\n"), { ms: 30_000, everyMs: 5 })).toBe(true);
  const pid = Number.parseInt(told, 10);
  child.knowAs(pid);
  return { child, pid, told: () => told };
}

/** A zombie is dead too: its parent has only not asked yet. */
const isDead = (pid: number): boolean => [null, "Z", "X"].includes(processState(pid) ?? null);
const dies = (pid: number): Promise<boolean> =>
  waitUntil(() => isDead(pid), { ms: 20_000, everyMs: 5 });

describe.runIf(needsLinux("processes that are stopped and killed"))("a guarded process", () => {
  it("stands still when it is stopped, and goes on", async () => {
    const { child, pid, told } = await start();
    await child.stop();
    expect(processState(pid)).toBe("T");
    child.commands.write("while it stood\n");
    child.continue();
    expect(await waitUntil(() => told().includes("stood"), { ms: 20_000, everyMs: 5 })).toBe(true);
    expect(processState(pid)).not.toBe("T");
    await child[Symbol.asyncDispose]();
    expect(await dies(pid)).toBe(true);
  });

  it("is gone when it was killed, and what it told before is read", async () => {
    const { child, pid, told } = await start();
    child.commands.write("the last word\n");
    await waitUntil(() => told().includes("word"), { ms: 20_000, everyMs: 5 });
    await child.kill();
    expect(await dies(pid)).toBe(true);
    expect(told()).toContain("the last word");
    await child.kill();
    await child[Symbol.asyncDispose]();
  });

  /** A process like ours that has a stopped one, in a temporary folder of its own. */
  async function parentOfStopped(): Promise<{ parent: ChildProcess; pid: number }> {
    const module = join(packageRoot, "dist/environment/guarded-process.js");
    const parent = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { GuardedProcess } = await import(${JSON.stringify(module)});
         const child = await GuardedProcess.start({ file: ${JSON.stringify(file)}, args: [] });
         child.output.once("data", async (chunk) => {
           child.knowAs(parseInt(chunk, 10));
           await child.stop();
           process.stdout.write(chunk);
         });`,
      ],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: temporary.path } },
    );
    const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number.parseInt(chunk.toString(), 10);
    expect(processState(pid)).toBe("T");
    return { parent, pid };
  }

  const foldersLeft = (): readonly string[] =>
    readdirSync(temporary.path).filter((name) => name.startsWith("doubletake-host-"));

  it("ends with us also while it is stopped, whatever we die of", async () => {
    const { parent, pid } = await parentOfStopped();
    parent.kill("SIGKILL");
    expect(await dies(pid)).toBe(true);
    expect(await waitUntil(() => foldersLeft().length === 0, { ms: 20_000, everyMs: 5 })).toBe(
      true,
    );
  });

  it("that stands still is ended by the next start, where its guard was killed with us", async () => {
    const { parent, pid } = await parentOfStopped();
    const [name = ""] = foldersLeft();
    const left = join(temporary.path, name);
    const guards = processesWith(`doubletake-host ${left}`);
    expect(guards).toHaveLength(1);
    for (const guard of guards) process.kill(guard, "SIGKILL");
    parent.kill("SIGKILL");
    await once(parent, "exit");
    expect(processState(pid)).toBe("T");
    expect(await removeLeftovers()).toEqual([left]);
    expect(isDead(pid)).toBe(true);
    expect(foldersLeft()).toEqual([]);
  });
});
