import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../../src/environment/temporary-folder.ts";
import { needsRoot, needsUser } from "../setup/machine.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-test-"));
  mkdirSync(join(folder, "inside"), { mode: 0o755 });
  vi.stubEnv("TMPDIR", join(folder, "inside"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("the temporary folder", () => {
  it("is the system's", () => {
    chmodSync(folder, 0o755);
    expect(temporaryFolder()).toBe(join(folder, "inside"));
  });

  it.runIf(needsRoot("root's temporary folder"))(
    "is another for root where its own is closed to others",
    () => {
      chmodSync(folder, 0o700);
      expect(temporaryFolder()).not.toContain(folder);
    },
  );

  it.runIf(needsUser("a user's temporary folder"))("is a user's own, closed or not", () => {
    chmodSync(folder, 0o700);
    expect(temporaryFolder()).toBe(join(folder, "inside"));
  });
});
