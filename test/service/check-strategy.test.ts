import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkStrategy } from "../../src/service/check-strategy.ts";
import { parseSqlFile } from "../../src/service/sql-file.ts";
import { loadStrategy, parseStrategy, strategyNames } from "../../src/service/strategy.ts";
import { freshTables } from "../../src/service/tables.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

const header = "-- strategy: mine\n-- summary: s\n-- transaction: none\n-- verdict: safe\n";
let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
  await fillTables(database.control, { bots: 1, jobs: 1 });
});
afterAll(() => database[Symbol.asyncDispose]());

const check = (steps: string): Promise<ReadonlySet<string>> =>
  checkStrategy(database.control, parseStrategy(parseSqlFile("mine.sql", header + steps)));

describe("a strategy, held against the tables", () => {
  it("passes if it is one of ours", async () => {
    await using own = await openDatabase();
    for (const strategy of strategyNames().map(loadStrategy)) {
      await freshTables(own.control, { constraints: true, strategy });
      await expect(checkStrategy(own.control, strategy)).resolves.toSatisfy(
        (names: ReadonlySet<string>) => names.has("job_id"),
      );
    }
  });

  it.each([
    [
      "a syntax error",
      "-- step: a\nSELECT id AS job_id\n  FROM jobs WHRE true",
      'mine.sql:7: step "a": syntax error at or near "true"',
    ],
    [
      "a column that does not exist",
      "-- step: a\nSELECT idd AS job_id FROM jobs",
      'mine.sql:6: step "a": column "idd" does not exist',
    ],
    [
      "a name that no earlier step returns",
      "-- step: a\nSELECT id AS job_id FROM jobs\n-- step: b\nUPDATE jobs SET a = 1 WHERE id = :job",
      'mine.sql:8: step "b" binds :job, which nobody provides',
    ],
    [
      "no job_id at all",
      "-- step: a\nSELECT id FROM jobs",
      "mine.sql: no step returns a column job_id",
    ],
  ])("with %s is refused, with file and line", async (_what, steps, message) => {
    await expect(check(steps)).rejects.toThrow(message);
  });

  it("is not run by being looked at", async () => {
    await check("-- step: a\nDELETE FROM jobs RETURNING id AS job_id");
    expect(await database.control.query("SELECT FROM jobs")).toHaveLength(1);
  });
});
