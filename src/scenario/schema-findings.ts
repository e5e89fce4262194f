import type { z } from "zod";
import { unreachable } from "../base/assert.ts";
import { allowedHint } from "./nearest.ts";
import { hinted, splitHint } from "./problem.ts";
import type { Finding, Path } from "./problem.ts";
import { allowedKeys } from "./schema-keys.ts";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * `value` against a schema, its faults told as findings. `path` is where the value stands in the file, and
 * `alsoAllowed` names keys of the same mapping that another schema reads.
 */
export function checkAgainst<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: { readonly path: Path; readonly alsoAllowed?: readonly string[] },
): Checked<z.output<T>> {
  const result = schema.safeParse(value, { error: issueText });
  if (result.success) return { ok: true, value: result.data };
  const context = { schema, value, path: place.path, alsoAllowed: place.alsoAllowed ?? [] };
  const findings = result.error.issues.flatMap((issue) => toFindings(issue, [], context));
  return { ok: false, findings };
}

interface Context {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly path: Path;
  readonly alsoAllowed: readonly string[];
}

function toFindings(issue: Issue, above: Path, context: Context): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(key, path, context));
  }
  // A schema author's own message says more than the branches of a union do.
  if (issue.code === "invalid_union" && issue.message === "") {
    return closestBranch(issue.errors).flatMap((inner) => toFindings(inner, path, context));
  }
  const told = issue.code === "invalid_key" ? issue.issues[0] : issue;
  const at = issue.code === "invalid_key" ? "key" : "value";
  return [{ path: [...context.path, ...path], at, ...splitHint((told ?? issue).message) }];
}

function unknownKey(key: string, path: Path, context: Context): Finding {
  const own = allowedKeys(context.schema, context.value, path);
  const allowed = path.length === 0 ? [...context.alsoAllowed, ...own] : own;
  const hint = allowed.length === 0 ? undefined : allowedHint(key, allowed);
  const what = `unknown key "${key}"`;
  return { path: [...context.path, ...path, key], at: "key", what, hint, separable: true };
}

/** Where a value fits no form of a union, the form it came furthest with is the one that was meant. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(0, ...issues.map((issue) => issue.path.length));
  return branches.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
}

/** zod asks this for the text of every issue whose schema has none of its own. */
function issueText(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeText(issue);
    case "too_small":
      return boundText(issue, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return boundText(issue, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "invalid_value":
      return oneOfText(issue);
    case "invalid_union":
      return unionText(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}, got ${show(issue.input)}`;
    case "invalid_format":
      return `${show(issue.input)} does not have the expected form`;
    case "invalid_key":
    case "invalid_element":
    case "unrecognized_keys":
    case "custom":
      return issue.message ?? `${show(issue.input)} is not allowed`;
    default:
      return unreachable(issue);
  }
}

function typeText(issue: RawIssue & { readonly code: "invalid_type" }): string {
  if (issue.input !== undefined) {
    return `expected ${typeNames[issue.expected] ?? issue.expected}, got ${show(issue.input)}`;
  }
  return missingText(issue);
}

function missingText({ path }: RawIssue): string {
  const key = path?.at(-1);
  return key === undefined ? "a value is missing" : `missing key "${String(key)}"`;
}

function boundText(
  issue: { readonly origin: string; readonly input?: unknown },
  relation: string,
  bound: number | bigint,
): string {
  if (issue.origin === "string") return `must have ${relation} ${bound} characters`;
  if (issue.origin === "array") return `must have ${relation} ${bound} entries`;
  return `must be ${relation} ${bound}, got ${show(issue.input)}`;
}

function oneOfText(issue: RawIssue & { readonly code: "invalid_value" }): string {
  const { input } = issue;
  const allowed = issue.values.map(String);
  const known = allowed.join(", ");
  if (input === undefined) return hinted(missingText(issue), `allowed here: ${known}`);
  if (typeof input !== "string") return `expected one of ${known}, got ${show(input)}`;
  return hinted(`unknown value "${input}"`, allowedHint(input, allowed));
}

/** A union told apart by a key has the names to choose from; the text of others comes from their branches. */
function unionText(issue: RawIssue & { readonly code: "invalid_union" }): string {
  const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
  if (discriminator === undefined || !isRecord(issue.input)) return "";
  const allowed = (options ?? []).map(String);
  const chosen = issue.input[discriminator];
  if (typeof chosen === "string") {
    return hinted(`unknown ${discriminator} "${chosen}"`, allowedHint(chosen, allowed));
  }
  const what = chosen === undefined ? "missing key" : `got ${show(chosen)} as`;
  return hinted(`${what} "${discriminator}"`, `allowed here: ${allowed.join(", ")}`);
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** A value as a person wrote it, shortened. */
function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  // Quoted as JSON, so that control characters in a file do not reach the terminal.
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
