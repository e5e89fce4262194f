import { readFileSync } from "node:fs";
import { HarnessError } from "../base/harness-error.ts";

/**
 * A SQL file of named steps, the format of strategies, lifecycle statements and verification queries:
 *
 * ```sql
 * -- strategy: naive           ← front matter: `-- key: value` lines before the first step
 * -- setup:                    ← optional: SQL that is run once the tables are there; runs to the next setup or step
 * CREATE INDEX … ON jobs (…);
 * -- step: find                ← a step: its SQL runs to the next step
 * SELECT id AS job_id FROM jobs WHERE … LIMIT 1;
 * -- step: mark
 * -- expect: rows              ← an option of the step, on the line after its name
 * UPDATE jobs SET … WHERE id = :job_id;
 * ```
 */
export interface SqlFile {
  readonly file: string;
  readonly header: ReadonlyMap<string, HeaderEntry>;
  /** SQL to be run on fresh tables, in order; most files have none. */
  readonly setup: readonly SqlBlock[];
  readonly steps: readonly SqlStep[];
}

interface HeaderEntry {
  readonly value: string;
  readonly line: number;
}

export interface SqlBlock {
  /** The SQL as written, without the final semicolon. */
  readonly sql: string;
  /** 1-based line of the first line of `sql`. */
  readonly line: number;
}

export interface SqlStep extends SqlBlock {
  readonly name: string;
  /** `-- expect: rows`: no row returned or affected means the claim lost a race. */
  readonly expectsRows: boolean;
}

/** Reads a file of steps. HarnessError (usage) where it cannot be read or its form is wrong. */
export function readSqlFile(file: string): SqlFile {
  return parseSqlFile(file, readText(file));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    const what = `cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown error"})`;
    const hint = "give the path of a .sql file, relative to where you are";
    throw new HarnessError({ kind: "usage", what, where: file, hint, cause });
  }
}

const directive = /^--\s*([a-z]+)\s*:\s*(.*?)\s*(?:--.*)?$/;

interface Draft {
  readonly kind: "setup" | "step";
  readonly name: string;
  readonly line: number;
  readonly lines: string[];
  expectsRows: boolean;
}

export function parseSqlFile(file: string, text: string): SqlFile {
  const header = new Map<string, HeaderEntry>();
  const drafts: Draft[] = [];
  for (const [index, source] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const [, key, value = ""] = directive.exec(source) ?? [];
    const current = drafts.at(-1);
    if (key === "step") drafts.push(newStep(file, drafts, { name: value, line }));
    else if (key === "setup") drafts.push(newSetup(file, drafts, line));
    else if (current === undefined) readHeaderLine(file, header, { source, key, value, line });
    else if (key === "expect" && current.kind === "step")
      expectRows(file, current, { value, line });
    else current.lines.push(source);
  }
  const steps = drafts.filter(({ kind }) => kind === "step");
  if (steps.length === 0) {
    throw fault(file, 1, "has no step", "start each statement with a line `-- step: NAME`");
  }
  return {
    file,
    header,
    setup: drafts.filter(({ kind }) => kind === "setup").map((draft) => finish(file, draft)),
    steps: steps.map((draft) => finishStep(file, draft)),
  };
}

/** Set-up stands above the steps: whoever reads the file meets things in the order in which they happen. */
function newSetup(file: string, drafts: readonly Draft[], line: number): Draft {
  if (drafts.some(({ kind }) => kind === "step")) {
    const hint = "it is run before any claim: put it above the first `-- step: NAME`";
    throw fault(file, line, "set-up stands below a step", hint);
  }
  return { kind: "setup", name: "setup", line: line + 1, lines: [], expectsRows: false };
}

function newStep(
  file: string,
  drafts: readonly Draft[],
  step: { readonly name: string; readonly line: number },
): Draft {
  if (!/^[a-z][a-z0-9-]*$/.test(step.name)) {
    const what = `"${step.name}" is not a step's name`;
    throw fault(file, step.line, what, "use lower-case letters, digits and hyphens");
  }
  if (drafts.some(({ kind, name }) => kind === "step" && name === step.name)) {
    throw fault(file, step.line, `step "${step.name}" stands twice`, "give each step its own name");
  }
  return { kind: "step", name: step.name, line: step.line + 1, lines: [], expectsRows: false };
}

function readHeaderLine(
  file: string,
  header: Map<string, HeaderEntry>,
  entry: { source: string; key: string | undefined; value: string; line: number },
): void {
  if (entry.key !== undefined) {
    if (header.has(entry.key)) {
      const what = `"${entry.key}" stands twice in the front matter`;
      throw fault(file, entry.line, what, "keep one of the two lines");
    }
    header.set(entry.key, { value: entry.value, line: entry.line });
    return;
  }
  const isProse = entry.source.trim() === "" || entry.source.startsWith("--");
  if (isProse) return;
  const hint = "put a line `-- step: NAME` before the first statement";
  throw fault(file, entry.line, "SQL before the first step", hint);
}

function expectRows(
  file: string,
  step: Draft,
  option: { readonly value: string; readonly line: number },
): void {
  if (option.value !== "rows") {
    const what = `"-- expect: ${option.value}" is not known`;
    throw fault(file, option.line, what, "the only form is `-- expect: rows`");
  }
  step.expectsRows = true;
  // The line stays, empty, so that lines are counted right.
  step.lines.push("");
}

function finishStep(file: string, draft: Draft): SqlStep {
  return { name: draft.name, expectsRows: draft.expectsRows, ...finish(file, draft) };
}

function finish(file: string, { kind, name, line, lines }: Draft): SqlBlock {
  const sql = lines.join("\n").trim().replace(/;$/, "");
  if (withoutComments(sql).trim() === "") {
    const what = kind === "setup" ? "the set-up is empty" : `step "${name}" is empty`;
    throw fault(file, line, what, "write its SQL below its line");
  }
  // Leading blank lines are trimmed, so the first line of SQL may stand further down.
  return { sql, line: line + lines.findIndex((text) => text.trim() !== "") };
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/--.*$/gm, "");
}

function fault(file: string, line: number, what: string, hint: string): HarnessError {
  return new HarnessError({ kind: "usage", what, where: `${file}:${line}`, hint });
}
