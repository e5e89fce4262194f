import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";

/** Scenario files for what was named: a file for itself, a folder for every .yaml file in it, by name. */
export function scenarioFiles(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap(filesAt))];
}

/** What is not there is named all the same: the reader of the file tells why it cannot be read. */
function filesAt(path: string): readonly string[] {
  if (!isFolder(path)) return [path];
  const files = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
  if (files.length > 0) return files.toSorted().map((name) => join(path, name));
  const what = "there is no scenario in this folder";
  throw new HarnessError({ kind: "usage", what, where: path, hint: "scenarios are .yaml files" });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
