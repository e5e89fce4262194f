import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { packageRoot } from "../../src/base/package-root.ts";
import { schemaText } from "../../src/cli/schema.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import { resultJson } from "../../src/report/json.ts";
import { summarize } from "../../src/report/summarize.ts";
import { evidenceOf } from "../checks/judged.ts";
import { wholeRound } from "../histories/whole-round.ts";
import { samples } from "./golden.ts";

/** What `doubletake schema result` prints, read as a program would that knows nothing but JSON Schema. */
const schema = z.fromJSONSchema(JSON.parse(schemaText("result")) as z.core.JSONSchema.JSONSchema);
const problemsOf = (value: unknown) => schema.safeParse(value).error?.issues ?? [];

describe("the JSON Schema of a result", () => {
  test.each(samples)("holds for the sample %s", (sample) => {
    const file = join(packageRoot, "test/golden", sample, "result.json");
    expect(problemsOf(JSON.parse(readFileSync(file, "utf8")))).toEqual([]);
  });

  test("holds for a result that was just made", () => {
    const history = wholeRound({ strategy: "skip-locked" });
    const evidence = evidenceOf(history);
    const result = summarize({
      header: history.header(),
      strategies: [{ evidence, judgement: judgeStrategy(evidence) }],
      durationMs: 1,
      interrupted: false,
      replay: "npx doubletake run x.yaml",
      warnings: [],
    });
    expect(problemsOf(JSON.parse(resultJson(result)))).toEqual([]);
  });

  test("refuses what is no result", () => {
    const file = join(packageRoot, "test/golden/passed/result.json");
    const result = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const { seed: _, ...seedless } = result;
    expect(problemsOf(seedless)).not.toEqual([]);
    expect(problemsOf({ ...result, verdict: "fine" })).not.toEqual([]);
    expect(problemsOf({ ...result, strategies: [{ name: "only" }] })).not.toEqual([]);
  });
});

test("every folder of samples with a result is a sample", () => {
  const folders = readdirSync(join(packageRoot, "test/golden")).filter(
    (name) => name !== "history",
  );
  expect(folders.toSorted()).toEqual(samples.toSorted());
});
