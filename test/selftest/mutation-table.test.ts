import { expect, it } from "vitest";
import { checks } from "../../src/checks/registry.ts";
import { shipped } from "../conformance/strategies/rows.ts";
import { isFailure, rowText, runRow } from "./mutation-table.ts";
import type { RowResult } from "./mutation-table.ts";
import { rows } from "./rows.ts";
import type { Row } from "./row.ts";
import { openDatabase } from "../setup/database.ts";

const wrong = rows.filter(({ caughtBy }) => caughtBy !== null);
const right = rows.filter(({ caughtBy }) => caughtBy === null);

it("the table has a wrong row for every check, thirty and more, and ten that are right", () => {
  const caughtBy = new Set(wrong.map((row) => row.caughtBy));
  expect(checks.map(({ name }) => name).filter((name) => !caughtBy.has(name))).toEqual([]);
  expect(wrong.length).toBeGreaterThanOrEqual(30);
  expect(right.length).toBeGreaterThanOrEqual(10);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

it("every wrong row is caught by its check, and no right one is accused, in short", async () => {
  await using database = await openDatabase();
  const results: RowResult[] = [];
  // The strategies that are shipped have a suite of their own, in test/conformance/strategies.
  const others = rows.filter((each) => !each.isSlow && !shipped.includes(each));
  for (const row of others) results.push(await runRow(row, database));
  expect(results.filter(isFailure).map(rowText)).toEqual([]);
});

it("a wrong row that nobody catches is missed, and a right one that is accused fails", async () => {
  await using database = await openDatabase();
  const caught = wrong.find(({ kind }) => kind === "history") as Row;
  const outcome = async (row: Row) => (await runRow(row, database)).outcome;
  expect(await outcome({ ...caught, caughtBy: "drained" })).toBe("missed");
  expect(await outcome({ ...caught, caughtBy: null })).toBe("accused");
  const clean = right.find(({ kind }) => kind === "history") as Row;
  expect(await outcome(clean)).toBe("clean");
  const nothing = { ...(await clean.run(database)), checks: [] };
  expect(await outcome({ ...clean, run: async () => nothing })).toBe("not judged");
  expect(isFailure(await runRow({ ...clean, caughtBy: "drained" }, database))).toBe(true);
});
