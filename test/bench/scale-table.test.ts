import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { replaceTable } from "../../src/bench/marked-table.ts";
import { scaleTable } from "../../src/bench/scale-table.ts";
import type { ScaleBaseline } from "../../src/bench/scale-table.ts";

const read = (...path: string[]): string => readFileSync(join(packageRoot, ...path), "utf8");

const baseline = JSON.parse(read("reports", "baselines", "scale.json")) as ScaleBaseline;

it("the table of how a run grows is that of the committed baseline", () => {
  const page = read("docs", "performance.md");
  expect(page).toBe(replaceTable(page, "scale", scaleTable(baseline)));
});

it("rates and bytes are of what was measured, by jobs and then by bots", () => {
  const [row] = baseline.rows;
  if (row === undefined) throw new Error("the baseline is empty");
  const more = { ...row, events: 600, changes: 400, grownMegabytes: 0.1, loadSeconds: 2 };
  const rows = [
    { ...more, jobs: 2_000, bots: 5, verdict: "violated" },
    { ...more, jobs: 1_000, bots: 9 },
    { ...more, jobs: 1_000, bots: 7 },
  ];
  const lines = scaleTable({ ...baseline, rows })
    .split("\n")
    .slice(2, 5);
  expect(lines.map((line) => line.split("|")[1]?.trim())).toEqual(["7", "9", "5"]);
  expect(lines[2]).toContain("| 1,000 |");
  expect(lines[2]).toContain("| 100 B | violated |");
});
