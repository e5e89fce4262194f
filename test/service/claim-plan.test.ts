import { afterAll, beforeAll, expect, it } from "vitest";
import { bindNames } from "../../src/service/named-parameters.ts";
import { lifecycleSql } from "../../src/service/lifecycle-file.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { settleTables } from "../../src/service/tables.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
const values: Readonly<Record<string, unknown>> = { bot_id: 1, lease: "1 minute", limit: 1 };

beforeAll(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 20, jobs: 10_000 });
  await settleTables(database.control);
});
afterAll(() => database[Symbol.asyncDispose]());

/** The nodes of the plan that read jobs: "Index Scan using jobs_claimable on jobs". */
async function readsOfJobs(sql: string): Promise<string[]> {
  const { text, names } = bindNames(sql);
  const rows = await database.control.query(
    `EXPLAIN ${text}`,
    names.map((name) => values[name]),
  );
  return rows
    .map((row) => String(row["QUERY PLAN"]).replace(/^[ ->]*/, ""))
    .filter((line) => /\bon jobs\b/.test(line) && /Scan/.test(line))
    .map((line) => line.replace(/ +\(cost.*/, ""));
}

it("among ten thousand jobs the claim reads the index of its order and its own row, and sorts nothing", async () => {
  const [step] = loadStrategy("skip-locked").steps;
  expect(await readsOfJobs(step?.sql ?? "")).toEqual([
    "Index Scan using jobs_claimable on jobs j",
    "Index Scan using jobs_pkey on jobs",
  ]);
});

it("a rescue reads the held jobs only", async () => {
  const reads = await readsOfJobs(lifecycleSql("rescue"));
  expect(reads[0]).toContain("jobs_held");
  expect(reads.filter((read) => read.startsWith("Seq Scan"))).toEqual([]);
});
