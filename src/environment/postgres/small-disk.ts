import { mkdir } from "node:fs/promises";
import { runCommand } from "../run-command.ts";
import type { ServerUser } from "./server-user.ts";

const mountMs = 10_000;

export interface SmallDisk {
  readonly path: string;
  readonly user: ServerUser;
  readonly megabytes: number;
}

/**
 * Makes a folder that is a disk of its own, so small that it can be filled without hurting anybody: a tmpfs. False where we
 * may not mount one, which takes root. The guard of the folder around it unmounts it.
 */
export async function mountSmallDisk({ path, user, megabytes }: SmallDisk): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  await mkdir(path, { mode: 0o700 });
  const { uid, gid } = user.ids ?? { uid: 0, gid: 0 };
  const options = `size=${megabytes}m,mode=0700,uid=${uid},gid=${gid},nosuid,nodev`;
  const args = ["-t", "tmpfs", "-o", options, "doubletake", path];
  const { ok } = await runCommand({ file: "mount", args, ms: mountMs });
  return ok;
}
