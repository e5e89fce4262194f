import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { HarnessError } from "../base/harness-error.ts";
import { defaultFormats } from "./formats.ts";
import type { RunResult } from "./result.ts";

/** File name → content, whole or in pieces. */
export type ReportFiles = Readonly<Record<string, string | Iterable<string>>>;

/**
 * Writes what every run leaves into its folder, over what lay there. Resolves to the paths that were written.
 * HarnessError (environment): the folder cannot be written, the disk is full.
 */
export async function writeReports(folder: string, result: RunResult): Promise<readonly string[]> {
  const files = defaultFormats.map((format) => format.render(result));
  return await writeFiles(folder, Object.assign({}, ...files) as ReportFiles);
}

/** Likewise any files; the folder is made where it is not there. */
export async function writeFiles(folder: string, files: ReportFiles): Promise<readonly string[]> {
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      const pieces = typeof content === "string" ? [content] : content;
      await pipeline(Readable.from(pieces), createWriteStream(path));
      written.push(path);
    }
  } catch (cause) {
    const what = `the reports cannot be written (${(cause as NodeJS.ErrnoException).code})`;
    const hint = "the recorded history is enough: doubletake check judges it again";
    throw new HarnessError({ kind: "environment", what, where: folder, hint, cause });
  }
  return written;
}
