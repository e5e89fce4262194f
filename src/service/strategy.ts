import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { packageRoot } from "../base/package-root.ts";
import { checks } from "../checks/registry.ts";
import { allowedHint } from "../scenario/nearest.ts";
import { lifecycleVariant } from "./lifecycle-file.ts";
import type { LifecycleVariant } from "./lifecycle-file.ts";
import { bindNames } from "./named-parameters.ts";
import type { BoundStatement } from "./named-parameters.ts";
import { readSqlFile } from "./sql-file.ts";
import type { SqlBlock, SqlFile, SqlStep } from "./sql-file.ts";
import { parseTables } from "./strategy-tables.ts";
import type { TableMapping } from "./strategy-tables.ts";

/** How a claim is made: the steps of one file in `sql/strategies`, or of a user's own. */
export interface Strategy {
  readonly name: string;
  readonly summary: string;
  readonly file: string;
  /** `none`: every step commits on its own. */
  readonly transaction: Transaction;
  /** What the strategy says of itself; the conformance suite holds it to its word. */
  readonly verdict: "safe" | "unsafe";
  /** The checks that must catch an unsafe strategy, one of them at least; empty where it is safe. */
  readonly breaks: readonly string[];
  /** Tables that its statements call otherwise than the reference service does. */
  readonly tables: readonly TableMapping[];
  /** SQL that is run on fresh tables before a bot moves. */
  readonly setup: readonly SqlBlock[];
  readonly steps: readonly StrategyStep[];
  /** Statements that are wrong on purpose, in place of those of `sql/lifecycle`. */
  readonly lifecycle?: readonly LifecycleVariant[];
}

export interface StrategyStep extends SqlStep {
  readonly bound: BoundStatement;
}

export const transactions = ["none", "read committed", "repeatable read", "serializable"] as const;
export type Transaction = (typeof transactions)[number];

/** Parameters that every claim provides; a step may also bind columns that an earlier step returned. */
export const claimParameters = ["bot_id", "lease", "limit", "types", "now"] as const;

const folder = join(packageRoot, "sql", "strategies");

/** The names of the strategies that come with doubletake, in alphabetical order. */
export function strategyNames(): readonly string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return files.map((file) => basename(file, ".sql")).toSorted();
}

/**
 * A strategy by its name, or from a user's own file where `reference` ends in `.sql`; with "+" and the name of a file of
 * `sql/lifecycle/unsafe` (`skip-locked+complete-unfenced`), one whose claim is right and whose settle is not.
 * HarnessError (usage) else.
 */
export function loadStrategy(reference: string): Strategy {
  const [claim = "", ...variants] = reference.split("+");
  const strategy = loadClaim(claim);
  return variants.length === 0 ? strategy : withVariants(strategy, variants.map(lifecycleVariant));
}

function withVariants(strategy: Strategy, variants: readonly LifecycleVariant[]): Strategy {
  const names = variants.map(({ name }) => name);
  return {
    ...strategy,
    name: [strategy.name, ...names].join("+"),
    summary: `the claim of ${strategy.name}; ${variants.map(({ summary }) => summary).join("; ")}`,
    verdict: "unsafe",
    breaks: [...strategy.breaks, ...variants.map(({ breaks }) => breaks)],
    lifecycle: variants,
  };
}

function loadClaim(reference: string): Strategy {
  if (reference.endsWith(".sql")) return parseStrategy(readSqlFile(reference));
  const file = join(folder, `${reference}.sql`);
  if (!/^[a-z0-9-]+$/.test(reference) || !existsSync(file)) throw unknownStrategy(reference);
  return parseStrategy(readSqlFile(file));
}

/** Checks the front matter and the steps of a file that was read. */
export function parseStrategy(file: SqlFile): Strategy {
  rejectUnknownKeys(file);
  const steps = file.steps.map((step) => ({ ...step, bound: bindNames(step.sql) }));
  rejectUnboundFirstStep(file, steps);
  return {
    name: required(file, "strategy"),
    summary: required(file, "summary"),
    file: file.file,
    transaction: oneOf(file, "transaction", transactions),
    ...verdictOf(file),
    tables: mappedTables(file),
    setup: file.setup,
    steps,
  };
}

/** Who calls himself unsafe says what breaks, so that being caught for another reason is not taken for being caught. */
function verdictOf(file: SqlFile): Pick<Strategy, "verdict" | "breaks"> {
  const verdict = oneOf(file, "verdict", ["safe", "unsafe"] as const);
  const entry = file.header.get("breaks");
  if (verdict === "unsafe") return { verdict, breaks: brokenChecks(file, entry?.line ?? 1) };
  if (entry === undefined) return { verdict, breaks: [] };
  const hint =
    "only a strategy that is unsafe breaks a check: remove the line, or say verdict: unsafe";
  throw at(file, entry.line, '"breaks" stands beside "verdict: safe"', hint);
}

function brokenChecks(file: SqlFile, line: number): readonly string[] {
  const names = required(file, "breaks").split(/\s*,\s*/);
  const known = checks.map(({ name }) => name);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return names;
  const what = `"breaks" names "${stranger}", which is not a check`;
  throw at(file, line, what, allowedHint(stranger, known));
}

function mappedTables(file: SqlFile): readonly TableMapping[] {
  const entry = file.header.get("tables");
  return entry === undefined ? [] : parseTables(entry.value, `${file.file}:${entry.line}`);
}

const keys = ["strategy", "summary", "transaction", "verdict", "breaks", "tables"];

function rejectUnknownKeys(file: SqlFile): void {
  for (const [key, { line }] of file.header) {
    if (keys.includes(key)) continue;
    const what = `"${key}" is not a key of a strategy's front matter`;
    throw at(file, line, what, `known keys are ${keys.join(", ")}`);
  }
}

/** The first step has no step before it, so a name it binds is one of the claim's or nobody's. */
function rejectUnboundFirstStep(file: SqlFile, steps: readonly StrategyStep[]): void {
  const [first] = steps;
  const known: readonly string[] = claimParameters;
  const stranger = first?.bound.names.find((name) => !known.includes(name));
  if (first === undefined || stranger === undefined) return;
  const what = `step "${first.name}" binds :${stranger}, which nobody provides`;
  throw at(
    file,
    first.line,
    what,
    `a claim provides ${known.map((name) => `:${name}`).join(", ")}`,
  );
}

function required(file: SqlFile, key: string): string {
  const value = file.header.get(key)?.value;
  if (value) return value;
  const hint = `add a line "-- ${key}: …" above the first step`;
  throw at(file, 1, `the front matter lacks "${key}"`, hint);
}

function oneOf<T extends string>(file: SqlFile, key: string, values: readonly T[]): T {
  const text = required(file, key);
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  const line = file.header.get(key)?.line ?? 1;
  throw at(file, line, `${key} cannot be "${text}"`, `it is one of: ${values.join(", ")}`);
}

function unknownStrategy(reference: string): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: `there is no strategy "${reference}"`,
    hint: `known are ${strategyNames().join(", ")}; a file of your own is named by a path that ends in .sql`,
  });
}

function at(file: SqlFile, line: number, what: string, hint: string): HarnessError {
  return new HarnessError({ kind: "usage", what, where: `${file.file}:${line}`, hint });
}
