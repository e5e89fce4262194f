import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { HarnessError } from "../base/harness-error.ts";
import { formats } from "./formats.ts";
import type { RunResult } from "./result.ts";

/**
 * Writes every format of a result into a run folder, over what lay there. Resolves to the paths that were written.
 * HarnessError (environment): the folder cannot be written, the disk is full.
 */
export async function writeReports(folder: string, result: RunResult): Promise<readonly string[]> {
  const files = Object.values(formats).flatMap((format) => Object.entries(format.render(result)));
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of files) {
      const path = join(folder, name);
      await writeFile(path, content);
      written.push(path);
    }
  } catch (cause) {
    const what = `the reports cannot be written (${(cause as NodeJS.ErrnoException).code})`;
    const hint = "the recorded history is enough: doubletake check judges it again";
    throw new HarnessError({ kind: "environment", what, where: folder, hint, cause });
  }
  return written;
}
