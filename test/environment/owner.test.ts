import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { currentOwner, isTagOfDead, ownerState, ownerTag } from "../../src/environment/owner.ts";

test("this process lives", () => {
  expect(ownerState(currentOwner())).toBe("alive");
  expect(isTagOfDead(ownerTag(currentOwner()))).toBe(false);
});

test("a process that has ended is dead", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const ended = { ...currentOwner(), pid: child.pid ?? 0 };
  expect(ownerState(ended)).toBe("dead");
  expect(isTagOfDead(ownerTag(ended))).toBe(true);
});

test("a number that was given to another process is not the owner", () => {
  const former = { ...currentOwner(), startedAt: "long ago" };
  expect(ownerState(former)).toBe("dead");
  expect(isTagOfDead(ownerTag(former))).toBe(true);
});

test("whoever ran before a reboot is dead", () => {
  expect(ownerState({ ...currentOwner(), boot: "before" })).toBe("dead");
  expect(isTagOfDead(ownerTag({ ...currentOwner(), boot: "before" }))).toBe(true);
});

test("nothing is known of another machine or container", () => {
  expect(ownerState({ ...currentOwner(), host: "elsewhere", pid: 1 })).toBe("unknown");
  expect(ownerState({ ...currentOwner(), namespace: "pid:[1]", pid: 1 })).toBe("unknown");
  expect(isTagOfDead(ownerTag({ ...currentOwner(), host: "elsewhere" }))).toBe(false);
  expect(isTagOfDead("")).toBe(false);
});
