import { HarnessError } from "../base/harness-error.ts";
import type { Position } from "./position.ts";

/** One thing that is wrong with a scenario file. */
export interface Problem {
  readonly position: Position;
  /** One sentence without a full stop. */
  readonly what: string;
  readonly hint?: string | undefined;
}

/** A problem that is known by its place in the data; the file's document turns the path into a line and column. */
export interface Finding {
  readonly path: Path;
  /** Whether to point at the key or at what stands after it; at the value where absent. */
  readonly at?: "key" | "value";
  readonly what: string;
  readonly hint?: string | undefined;
  /** The rest can be read as if this part were not there. */
  readonly separable?: true;
}

export type Path = readonly PropertyKey[];

/** A file with a hundred problems is usually no scenario at all: the first ones say so. */
const shownProblems = 50;

/** All problems of a file in one error, top to bottom, each with its own position. */
export function problemsError(file: string, problems: readonly Problem[]): HarnessError {
  const sorted = problems.toSorted((a, b) => byPosition(a.position, b.position));
  const [first] = sorted;
  if (first !== undefined && sorted.length === 1) {
    const where = locate(file, first.position);
    return new HarnessError({ kind: "usage", what: first.what, where, hint: first.hint });
  }
  const lines = sorted.slice(0, shownProblems).map((problem) => problemText(file, problem));
  const left = sorted.length - lines.length;
  if (left > 0) lines.push(`… and ${left} more problem${left === 1 ? "" : "s"} in ${file}`);
  return new HarnessError({ kind: "usage", what: lines.join("\n") });
}

/** `file:line:column`, as terminals and editors make clickable. */
export function locate(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/**
 * A message that carries its hint, for zod's `error` and `refine`: whatever stands after the first line break becomes
 * the hint of the problem.
 */
export function hinted(what: string, hint: string): string {
  return `${what}\n${hint}`;
}

/** The two halves of a message made by `hinted`, or the message alone. */
export function splitHint(message: string): { what: string; hint?: string } {
  const end = message.indexOf("\n");
  return end < 0
    ? { what: message }
    : { what: message.slice(0, end), hint: message.slice(end + 1) };
}

function problemText(file: string, { position, what, hint }: Problem): string {
  const head = `${locate(file, position)}: ${what}`;
  return hint === undefined ? head : `${head}\n  hint: ${hint}`;
}

function byPosition(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}
