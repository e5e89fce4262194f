import { expect, it } from "vitest";
import { checks } from "../../src/checks/registry.ts";
import { shipped } from "../conformance/strategies/rows.ts";
import { isFailure, rowText, runRow } from "./mutation-table.ts";
import type { RowResult } from "./mutation-table.ts";
import { rows } from "./rows.ts";
import type { Row } from "./row.ts";
import { openDatabase } from "../setup/database.ts";

const isWrong = ({ caughtBy }: Row): boolean => caughtBy !== null;
const wrong = rows.filter(isWrong);
const right = rows.filter((row) => !isWrong(row));
/** Strategies, lifecycle, histories, constraints. */
const kinds = 4;

it("the table has a wrong row for every check, thirty and more, and ten that are right", () => {
  const caughtBy = new Set(wrong.map((row) => row.caughtBy));
  expect(checks.map(({ name }) => name).filter((name) => !caughtBy.has(name))).toEqual([]);
  expect(wrong.length).toBeGreaterThanOrEqual(30);
  expect(right.length).toBeGreaterThanOrEqual(10);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

/**
 * A sample for the everyday run, which takes seconds: all histories, since they need no database, and of what runs on real
 * tables the first wrong row of every check and the first right row of every kind. `npm run selftest` runs the whole table;
 * the strategies that are shipped have a suite of their own besides, in test/conformance/strategies.
 */
function sample(): readonly Row[] {
  const onTables = rows.filter(({ kind }) => kind !== "history");
  const own = onTables.filter((row) => !row.isSlow && !shipped.includes(row));
  const firstOf = (candidates: readonly Row[], name: (row: Row) => string): readonly Row[] => [
    ...new Map(candidates.toReversed().map((row) => [name(row), row])).values(),
  ];
  return [
    ...rows.filter(({ kind }) => kind === "history"),
    ...firstOf(own.filter(isWrong), ({ caughtBy }) => caughtBy as string),
    ...firstOf(
      onTables.filter((row) => !isWrong(row)),
      ({ kind }) => kind,
    ),
  ];
}

it("every wrong row of a sample is caught by its check, and no right one is accused", async () => {
  await using database = await openDatabase();
  const results: RowResult[] = [];
  for (const row of sample()) results.push(await runRow(row, database));
  expect(results.filter(isFailure).map(rowText)).toEqual([]);
  expect(new Set(results.map(({ row }) => row.kind)).size).toBe(kinds);
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
