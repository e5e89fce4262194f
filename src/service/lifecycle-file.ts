import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { packageRoot } from "../base/package-root.ts";
import { readSqlFile } from "./sql-file.ts";

/** The statements that make the life of a job; each is a file of `sql/lifecycle`. */
export const lifecycleNames = [
  "enqueue",
  "register",
  "start",
  "heartbeat",
  "complete",
  "fail",
  "resume",
  "rescue",
  "dead-letters",
  "redrive",
  "more-to-come",
] as const;
export type LifecycleName = (typeof lifecycleNames)[number];

/** A wrong statement, to take in place of a right one: a file of `sql/lifecycle/unsafe`. It exists to be caught. */
export interface LifecycleVariant {
  readonly name: string;
  readonly summary: string;
  readonly replaces: LifecycleName;
  /** The check that it must be caught by. */
  readonly breaks: string;
  /** SQL of its statements, in order. */
  readonly steps: readonly string[];
}

const folder = join(packageRoot, "sql", "lifecycle");
const unsafeFolder = join(folder, "unsafe");

/** The SQL of a statement of `sql/lifecycle`, with its names. */
export function lifecycleSql(name: LifecycleName): string {
  const [step] = readSqlFile(join(folder, `${name}.sql`)).steps;
  return step?.sql ?? "";
}

export function lifecycleVariantNames(): readonly string[] {
  const files = readdirSync(unsafeFolder).filter((file) => file.endsWith(".sql"));
  return files.map((file) => basename(file, ".sql")).toSorted();
}

/** HarnessError (usage) where there is none of that name. */
export function lifecycleVariant(name: string): LifecycleVariant {
  const path = join(unsafeFolder, `${name}.sql`);
  if (!/^[a-z-]+$/.test(name) || !existsSync(path)) throw unknownVariant(name);
  const file = readSqlFile(path);
  const replaces = file.header.get("replaces")?.value;
  return {
    name,
    summary: file.header.get("summary")?.value ?? "",
    replaces: lifecycleNames.find((known) => known === replaces) ?? raise(unknownVariant(name)),
    breaks: file.header.get("breaks")?.value ?? "",
    steps: file.steps.map((step) => step.sql),
  };
}

function unknownVariant(name: string): HarnessError {
  const known = lifecycleVariantNames().join(", ");
  return new HarnessError({
    kind: "usage",
    what: `there is no lifecycle statement "${name}"`,
    hint: `after a strategy and a "+" stands one that is wrong on purpose: ${known}`,
  });
}

function raise(error: Error): never {
  throw error;
}
