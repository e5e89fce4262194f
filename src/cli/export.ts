import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HarnessError } from "../base/harness-error.ts";
import { exportHistory } from "../history/export/history-export.ts";
import type { ExportFormat } from "../history/export/history-export.ts";
import { readHistory } from "../history/reader.ts";

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Absent: stdout. */
  readonly out: string | undefined;
}

/** Writes a recorded history for another tool. Throws what `readHistory` throws, and a HarnessError where it cannot write. */
export async function writeExport(path: string, { format, out }: ExportOptions): Promise<void> {
  const { events, warnings } = await readHistory(path);
  for (const warning of warnings) process.stderr.write(`doubletake: ${warning}\n`);
  const text = Readable.from(exportHistory(events, format));
  try {
    if (out === undefined) await pipeline(text, process.stdout, { end: false });
    else await pipeline(text, createWriteStream(out));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Who read it, `head` for one, has had enough.
    if (out === undefined && code === "EPIPE") return;
    const what = `the export cannot be written (${code ?? "unknown error"})`;
    throw new HarnessError({ kind: "environment", what, where: out ?? "stdout", cause });
  }
}
