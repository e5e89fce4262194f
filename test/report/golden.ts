import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { packageRoot } from "../../src/base/package-root.ts";
import { runResultSchema } from "../../src/report/result.ts";
import type { RunResult } from "../../src/report/result.ts";

/** The committed sample runs: a folder each under test/golden, with the result and every file made from it. */
export const samples = ["passed", "violated", "inconclusive"] as const;
export type Sample = (typeof samples)[number];

export function sampleResult(sample: Sample): RunResult {
  return runResultSchema.parse(JSON.parse(readFileSync(goldenPath(sample, "result.json"), "utf8")));
}

/**
 * Compares with the committed file. After a change that was meant, `UPDATE_GOLDEN=1 npx vitest run test/report` writes
 * the files anew; look at the difference before committing it.
 */
export function expectGolden(sample: Sample | "history", file: string, content: string): void {
  const path = goldenPath(sample, file);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, content);
  expect(content).toBe(readFileSync(path, "utf8"));
}

function goldenPath(sample: Sample | "history", file: string): string {
  return join(packageRoot, "test/golden", sample, file);
}
