import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { HarnessError } from "../base/harness-error.ts";
import { runResultSchema } from "./result.ts";
import type { RunResult } from "./result.ts";

/**
 * Reads the result.json of a run folder, or a file of that format. HarnessError (usage): there is none, it is no JSON, or it
 * breaks the schema.
 */
export async function readResult(path: string): Promise<RunResult> {
  const file = (await isFolder(path)) ? join(path, "result.json") : path;
  const parsed = runResultSchema.safeParse(parseJson(await readText(file), file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HarnessError({
    kind: "usage",
    what: `it is no result of this doubletake: ${problem(issue)}`,
    where: file,
    hint: "doubletake check <run folder> makes a new one from the recorded history",
  });
}

function problem(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "it breaks the schema";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const what = `no result can be read (${(cause as NodeJS.ErrnoException).code})`;
    const hint = "name a run folder, such as reports/latest";
    throw new HarnessError({ kind: "usage", what, where: file, hint, cause });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HarnessError({ kind: "usage", what: "it is not JSON", where: file, cause });
  }
}
