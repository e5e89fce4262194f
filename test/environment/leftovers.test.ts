import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wallClock } from "../../src/base/clock.ts";
import { GuardedFolder } from "../../src/environment/guarded-folder.ts";
import { removeLeftovers, runFolders } from "../../src/environment/leftovers.ts";
import { currentOwner } from "../../src/environment/owner.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";
import { needsRoot } from "../setup/machine.ts";

const temporary = useTemporaryFolder();
const dead = { ...currentOwner(), startedAt: "long ago" };

async function makeFolder(name: string, owner?: unknown): Promise<string> {
  const path = join(temporary.path, name);
  await mkdir(path);
  if (owner !== undefined) await writeFile(join(path, "owner.json"), JSON.stringify(owner));
  return path;
}

test("only folders of dead runs are removed", async () => {
  const ofDead = await makeFolder("doubletake-postgres-dead00", dead);
  const kept = [
    await makeFolder("doubletake-postgres-alive0", currentOwner()),
    await makeFolder("doubletake-postgres-other0", { ...dead, host: "elsewhere" }),
    await makeFolder("doubletake-report", dead),
    await makeFolder("somebody-else", dead),
  ];
  expect(await removeLeftovers()).toEqual([ofDead]);
  expect(existsSync(ofDead)).toBe(false);
  for (const path of kept) {
    expect(existsSync(path)).toBe(true);
    await rm(path, { recursive: true });
  }
});

test("a folder without an owner may just be in the making, until it is old", async () => {
  const path = await makeFolder("doubletake-toxiproxy-young0");
  expect(await removeLeftovers()).toEqual([]);
  const before = new Date(wallClock().getTime() - 120_000);
  await utimes(path, before, before);
  expect(await removeLeftovers()).toEqual([path]);
});

test("a link to a folder is not a folder of ours", async () => {
  const target = await makeFolder("target", dead);
  const link = join(temporary.path, "doubletake-postgres-link00");
  await symlink(target, link);
  expect(await runFolders()).toEqual([]);
  await rm(link);
  await rm(target, { recursive: true });
});

test.runIf(needsRoot("folders of other users"))("a folder of another user is theirs", async () => {
  const path = await makeFolder("doubletake-postgres-theirs", dead);

  await chown(path, 65_534, 65_534);
  expect(await removeLeftovers()).toEqual([]);
  await rm(path, { recursive: true });
});

test("a process whose number stands in a file, but that is not ours, is left alone", async () => {
  const innocent = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const path = await makeFolder("doubletake-postgres-reused", dead);
  await writeFile(join(path, "child.pid"), `${innocent.pid}\n`);
  expect(await removeLeftovers()).toEqual([path]);
  expect(innocent.signalCode).toBeNull();
  expect(innocent.kill(0)).toBe(true);
  innocent.stdin.end();
});

test("nothing is started in a folder that is being removed", async () => {
  const folder = await GuardedFolder.create("toxiproxy");
  const stopped = folder.stop();
  const started = folder.spawn({ file: "/bin/true", args: [], log: "log" });
  await expect(started).rejects.toThrow("being removed");
  await stopped;
});

test("a program that is not there is one clear message", async () => {
  await using folder = await GuardedFolder.create("toxiproxy");
  const started = folder.spawn({ file: "/no/such/program", args: [], log: "log" });
  await expect(started).rejects.toMatchObject({ kind: "environment", where: "/no/such/program" });
});
