import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { strategyNames } from "../../../src/service/strategy.ts";
import { runRow } from "../../selftest/mutation-table.ts";
import { openDatabase } from "../../setup/database.ts";
import type { TestDatabase } from "../../setup/database.ts";
import { shipped } from "./rows.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

describe("the strategies keep their word", () => {
  it("all of them", () => {
    const raced = new Set(shipped.map(({ name }) => name.split(",")[0]));
    expect(raced).toEqual(new Set(strategyNames()));
  });

  it.each(shipped.filter(({ isSlow }) => isSlow !== true))("$name", async (row) => {
    const { outcome, violated } = await runRow(row, database);
    const expected = row.caughtBy === null ? "clean" : "caught";
    expect({ outcome, violated }).toEqual({ outcome: expected, violated });
  });
});
