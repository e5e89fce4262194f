import type { z } from "zod";
import { HarnessError } from "../base/harness-error.ts";
import { readLines } from "./read-lines.ts";
import type { TextLine } from "./read-lines.ts";

/** A line of an NDJSON file. */
export interface JsonLine {
  readonly value: unknown;
  /** 1-based. */
  readonly number: number;
}

export interface JsonFile {
  readonly file: string;
  /** What a line should be, for who wrote one that is not. */
  readonly hint: string;
  /** A last line that was cut off, as a run that was killed leaves it: it is left out. */
  readonly onCutOff: (warning: string) => void;
}

/**
 * The lines of an NDJSON file, a chunk of the file at a time. HarnessError (usage, `file:line`): one that is not JSON; the
 * last may be cut off, unless it is the first.
 */
export async function* readJsonLines(source: JsonFile): AsyncGenerator<readonly JsonLine[]> {
  let isFirst = true;
  for await (const lines of readLines(source.file)) {
    const parsed: JsonLine[] = [];
    for (const line of lines) {
      const value = parse(line, source, isFirst);
      isFirst = false;
      if (value !== undefined) parsed.push({ value, number: line.number });
    }
    yield parsed;
  }
}

/** Undefined: a last line that was cut off. */
function parse(line: TextLine, { file, hint, onCutOff }: JsonFile, isFirst: boolean): unknown {
  try {
    return JSON.parse(line.text) as unknown;
  } catch (cause) {
    if (line.isWhole || isFirst) {
      const where = `${file}:${line.number}`;
      throw new HarnessError({ kind: "usage", what: "the line is not JSON", where, hint, cause });
    }
    onCutOff(`the last line (${line.number}) is cut off and was left out`);
    return undefined;
  }
}

/** What is wrong with the first line, in a sentence. */
export function headerProblem({ issues: [issue] }: z.ZodError): string {
  return `the header's ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`;
}
