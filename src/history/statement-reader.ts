import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { HarnessError } from "../base/harness-error.ts";
import { headerProblem, readJsonLines } from "./json-lines.ts";
import type { JsonLine } from "./json-lines.ts";
import { statementsFile } from "./statements.ts";
import type { RecordedStatement, RecordedWait } from "./statements.ts";

/** What was noted of the statements of a run, each in the order in which it was noted. */
export interface RecordedStatements {
  readonly statements: readonly RecordedStatement[];
  readonly waits: readonly RecordedWait[];
  readonly warnings: readonly string[];
}

const hint = "docs/explore.md describes statements.ndjson; a run writes it with --coverage";

const headerSchema = z.object({
  format: z.literal("doubletake-statements"),
  version: z.literal(1),
});
const span = { bot: z.int(), from: z.number().min(0), to: z.number().min(0) };
const lineSchema = z.union([
  z.object({ ...span, waitsFor: z.array(z.int()) }),
  z.object({
    ...span,
    name: z.string(),
    rows: z.int().min(0).optional(),
    job: z.int().optional(),
    code: z.string().optional(),
  }),
]);

/**
 * Reads the `statements.ndjson` of a run folder, or of the folder that a `history.ndjson` lies in. Null: the run did not
 * write any. HarnessError (usage, `file:line`): a line that is none. A last line that is cut off is left out with a warning.
 */
export async function readStatements(path: string): Promise<RecordedStatements | null> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = join(isFolder ? path : dirname(path), statementsFile);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
  const statements: RecordedStatement[] = [];
  const waits: RecordedWait[] = [];
  const warnings: string[] = [];
  const onCutOff = (warning: string): void => void warnings.push(`${statementsFile}: ${warning}`);
  let isFirst = true;
  for await (const lines of readJsonLines({ file, hint, onCutOff })) {
    for (const line of lines) {
      if (isFirst) checkHeader(line, file);
      else {
        const read = readLine(line, file);
        if ("waitsFor" in read) waits.push(read);
        else statements.push(read);
      }
      isFirst = false;
    }
  }
  return { statements, waits, warnings };
}

function checkHeader({ value, number }: JsonLine, file: string): void {
  const read = headerSchema.safeParse(value);
  if (read.success) return;
  const where = `${file}:${number}`;
  throw new HarnessError({ kind: "usage", what: headerProblem(read.error), where, hint });
}

function readLine({ value, number }: JsonLine, file: string): RecordedStatement | RecordedWait {
  const read = lineSchema.safeParse(value);
  if (read.success && read.data.to >= read.data.from) return read.data;
  const what = read.success
    ? "a statement ends before it begins"
    : "the line is neither a statement nor a wait";
  throw new HarnessError({ kind: "usage", what, where: `${file}:${number}`, hint });
}
