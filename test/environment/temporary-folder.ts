import { readdirSync } from "node:fs";
import { chmod, mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, vi } from "vitest";

/**
 * Gives a test file a temporary folder of its own, so that it sees its own leftovers only, and checks in the end that
 * there are none.
 */
export function useTemporaryFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), "environment-test-"));
    // As the real one: servers and runs of other users use it too.
    await chmod(folder.path, 0o1777);
    vi.stubEnv("TMPDIR", folder.path);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    expect(readdirSync(folder.path)).toEqual([]);
    await rmdir(folder.path);
  });
  return folder;
}
