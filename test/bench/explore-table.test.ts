import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { exploreTable, strategies, wholeBots } from "../../src/bench/explore-table.ts";
import type { ExploreBaseline, ExploreRow } from "../../src/bench/explore-table.ts";
import { replaceTable } from "../../src/bench/marked-table.ts";

const read = (...path: string[]): string => readFileSync(join(packageRoot, ...path), "utf8");

const baseline = JSON.parse(read("reports", "baselines", "explore.json")) as ExploreBaseline;

it("the tables of how long exploring takes are those of the committed baseline", () => {
  const page = read("docs", "explore.md");
  expect(page).toBe(replaceTable(page, "explore", exploreTable(baseline)));
});

it("the committed baseline has what was asked for, explored to the end", () => {
  const asked = baseline.rows.filter(
    ({ bots, program }) => bots === wholeBots && program === "claim",
  );
  expect(asked.map(({ strategy }) => strategy)).toEqual([...strategies]);
  expect(asked.every(({ isWhole }) => isWhole)).toBe(true);
});

it("growth is told from what was explored to the end, and is a lower bound where the row was not", () => {
  const row: ExploreRow = {
    strategy: "naive",
    program: "claim",
    bots: 2,
    steps: 8,
    schedules: 10,
    redundant: 0,
    isWhole: true,
    shown: "all",
    msEach: 2.04,
    seconds: 1.25,
    firstBrokenSeconds: 0.5,
  };
  const rows: ExploreRow[] = [
    { ...row, bots: 4, schedules: 3_000 },
    { ...row, bots: 3, schedules: 45, isWhole: false },
    row,
    { ...row, program: "rescue", schedules: 2_000 },
  ];
  const lines = exploreTable({ ...baseline, rows, commandSeconds: 3.21 }).split("\n");
  expect(lines.slice(2, 5)).toEqual([
    "| naive | 2 | 8 | 10 |  | 2.0 | 1.3 s | all |",
    "| naive | 3 | 8 | > 45 | > × 4.5 | 2.0 | 1.3 s | all |",
    "| naive | 4 | 8 | 3,000 |  | 2.0 | 1.3 s | all |",
  ]);
  expect(lines).toContain("| naive, claim | 2 | 8 | 10 |  | 2.0 | 1.3 s | all |");
  expect(lines).toContain("| naive, rescue | 2 | 8 | 2,000 | × 200 | 2.0 | 1.3 s | all |");
  expect(lines.at(-1)).toContain("naive has ended 0.50 s");
  expect(lines.at(-1)).toContain("the embedded server: 3.2 s");
});
