import { expect, it } from "vitest";
import { openDatabase } from "../setup/database.ts";
import { headingText, isFailure, rowText, runRow, summaryText } from "./mutation-table.ts";
import type { RowResult } from "./mutation-table.ts";
import { rows } from "./rows.ts";

/** `npm run selftest`: the whole table, printed as it goes. `SELFTEST_ONLY` takes the rows whose name it matches. */
it(
  "every wrong row is caught by its check, and no right one is accused",
  { timeout: 300_000 },
  async () => {
    await using database = await openDatabase();
    const only = new RegExp(process.env["SELFTEST_ONLY"] ?? "");
    const results: RowResult[] = [];
    process.stdout.write(`${headingText}\n`);
    for (const row of rows.filter(({ name, kind }) => only.test(`${name} ${kind}`))) {
      const result = await runRow(row, database);
      results.push(result);
      process.stdout.write(`${rowText(result)}\n`);
    }
    process.stdout.write(`${summaryText(results)}\n`);
    expect(results.filter(isFailure).map(rowText)).toEqual([]);
  },
);
