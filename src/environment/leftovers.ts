import type { Dirent } from "node:fs";
import { lstat, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../base/clock.ts";
import { ownerSchema, ownerState } from "./owner.ts";
import { endAndRemove } from "./guarded-folder.ts";
import { folderName, ownerFile } from "./owned-folder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A folder that has no owner file for so long was not just being made. */
const unownedMs = 60_000;

/** A temporary folder of a run. `dead`: the run is gone, and its guard did not come to clean up. */
export interface RunFolder {
  readonly path: string;
  readonly state: "alive" | "dead" | "unknown";
}

/** Ends the servers and hosts of bots, also those that stand still, and removes the folders of runs that were killed together with their guards. Returns the paths. */
export async function removeLeftovers(): Promise<readonly string[]> {
  const dead = (await runFolders()).filter((folder) => folder.state === "dead");
  for (const folder of dead) await endAndRemove(folder.path);
  return dead.map((folder) => folder.path);
}

/** Every run folder of this user. Those of others are theirs to remove. */
export async function runFolders(): Promise<readonly RunFolder[]> {
  const entries = await readdir(temporaryFolder(), { withFileTypes: true }).catch(
    (): Dirent[] => [],
  );
  const folders: RunFolder[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || !folderName.test(entry.name)) continue;
    const path = join(temporaryFolder(), entry.name);
    const state = await folderState(path);
    if (state !== undefined) folders.push({ path, state });
  }
  return folders;
}

/** Undefined: not ours, or gone meanwhile. */
async function folderState(path: string): Promise<RunFolder["state"] | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined || stat.uid !== process.getuid?.()) return undefined;
  const text = await readFile(join(path, ownerFile), "utf8").catch(() => "");
  const owner = ownerSchema.safeParse(parseJson(text));
  if (owner.success) return ownerState(owner.data);
  return wallClock().getTime() - stat.mtimeMs > unownedMs ? "dead" : "unknown";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
