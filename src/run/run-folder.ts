import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { statementsFile } from "../history/statements.ts";

/** Where the files of one run lie. */
export interface RunFolder {
  readonly path: string;
  readonly history: string;
  readonly witness: string;
  readonly statements: string;
}

/** Makes `<out>/<time>-<name>-<seed>`; HarnessError (environment) where it cannot be written. */
export function createRunFolder(
  out: string,
  run: { readonly startedAt: Date; readonly name: string; readonly seed: number },
): RunFolder {
  const time = run.startedAt
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(":", "");
  const name = run.name.replaceAll(/[^A-Za-z0-9_-]+/g, "-");
  const path = freshFolder(resolve(out), `${time}-${name}-${run.seed}`);
  return {
    path,
    history: join(path, "history.ndjson"),
    witness: join(path, "witness.ndjson"),
    statements: join(path, statementsFile),
  };
}

/** Two runs of one second get folders of their own. */
function freshFolder(out: string, name: string): string {
  try {
    makeFolders(out);
    for (let copy = 1; ; copy++) {
      const path = join(out, copy === 1 ? name : `${name}-${copy}`);
      if (madeNew(path)) return path;
    }
  } catch (cause) {
    const what = `the folder for reports cannot be written (${(cause as NodeJS.ErrnoException).code})`;
    const hint = "choose another with --out DIR";
    throw new HarnessError({ kind: "environment", what, where: out, hint, cause });
  }
}

/**
 * The folder and all above it. Not mkdir's own `recursive`: Node 20 spins for ever where a folder stands and can hold
 * none, such as /proc.
 */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  madeNew(path);
}

function madeNew(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Points `latest` at the folder. A file system without symbolic links goes without. */
export function pointLatest(folder: Pick<RunFolder, "path">): void {
  const link = join(folder.path, "..", "latest");
  try {
    rmSync(link, { force: true });
    symlinkSync(basename(folder.path), link);
  } catch {
    // The run's own folder is printed as well; `latest` is a convenience.
  }
}
