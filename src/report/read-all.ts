import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { HarnessError } from "../base/harness-error.ts";
import { readResult } from "./read.ts";
import type { RunResult } from "./result.ts";

/** A result and where it was read from. */
export interface ResultFile {
  readonly path: string;
  readonly result: RunResult;
}

/** Folders of folders of nightly runs; deeper than this nobody keeps results. */
const deepest = 4;

/**
 * Every result at a path, the oldest first: a result.json, a run folder, or a folder that holds run folders at any
 * depth up to four. Symbolic links (`latest`) are not followed: what they point at is there already. HarnessError
 * (usage): there is none, or one cannot be read.
 */
export async function readResults(path: string): Promise<readonly ResultFile[]> {
  const paths = await resultPaths(path, 0);
  if (paths.length === 0) {
    const what = "there is no result.json in it";
    const hint =
      "name a result.json, a run folder such as reports/latest, or a folder of run folders";
    throw new HarnessError({ kind: "usage", what, where: path, hint });
  }
  const files = await Promise.all(
    paths.map(async (each) => ({ path: each, result: await readResult(each) })),
  );
  return files.toSorted((a, b) => (a.result.startedAt < b.result.startedAt ? -1 : 1));
}

async function resultPaths(path: string, depth: number): Promise<readonly string[]> {
  if (!(await isFolder(path))) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === "result.json")) return [path];
  if (depth === deepest) return [];
  const folders = entries.filter((entry) => entry.isDirectory());
  const found = await Promise.all(
    folders.map((entry) => resultPaths(join(path, entry.name), depth + 1)),
  );
  return found.flat();
}

/** What is not there is left to the reader of the file, whose message tells why. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
