import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { schemaText } from "../../src/cli/schema.ts";

test("the committed schema is the one that `doubletake schema scenario` prints", () => {
  const file = join(packageRoot, "scenarios", "scenario.schema.json");
  const committed: unknown = JSON.parse(readFileSync(file, "utf8"));
  // Compared as data: the formatter may break the committed lines elsewhere.
  expect(JSON.parse(schemaText("scenario"))).toEqual(committed);
});

test.each(["result", "history", "comparison", "trend", "batch"] as const)(
  "schema %s is a JSON Schema",
  (file) => {
    expect(JSON.parse(schemaText(file))).toHaveProperty("$schema");
  },
);
