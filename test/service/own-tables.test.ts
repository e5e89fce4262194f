import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { checkStrategy } from "../../src/service/check-strategy.ts";
import { Lifecycle } from "../../src/service/lifecycle.ts";
import { parseSqlFile } from "../../src/service/sql-file.ts";
import { loadStrategy, parseStrategy } from "../../src/service/strategy.ts";
import type { Strategy } from "../../src/service/strategy.ts";
import { enqueue, freshTables, registerBots } from "../../src/service/tables.ts";
import { barrier, race, underKills } from "../selftest/race.ts";
import { openDatabase } from "../setup/database.ts";

const workItems = loadStrategy(join(packageRoot, "docs/work-items.sql"));
const naive = loadStrategy(join(packageRoot, "test/service/own-tables/work-items-naive.sql"));

const own = (mapping: string, setup: string): Strategy =>
  parseStrategy(
    parseSqlFile(
      "mine.sql",
      `-- strategy: mine
-- summary: s
-- transaction: none
-- verdict: safe
-- tables: ${mapping}
-- setup:
${setup}
-- step: claim
SELECT 1 AS job_id`,
    ),
  );

const setUp = async (strategy: Strategy): Promise<void> => {
  await using database = await openDatabase();
  await freshTables(database.control, { constraints: false, strategy });
};

describe("a strategy on tables of its own", () => {
  it.each([
    ["at the barrier", barrier],
    ["under kills", underKills],
  ])(
    "passes every check if it is right, %s, with our constraints on its tables",
    async (_where, scenario) => {
      await using database = await openDatabase();
      const judgement = await race(database, workItems, { scenario, constraints: true });
      expect(judgement.checks.filter(({ verdict }) => verdict === "violated")).toEqual([]);
      const passed = judgement.checks.filter(({ verdict }) => verdict === "passed");
      expect(passed.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          "single-grant",
          "constraints-hold",
          "verification-queries",
          "drained",
        ]),
      );
    },
  );

  it("is caught if it is naive, and the round before leaves it nothing", async () => {
    await using database = await openDatabase();
    for (let round = 0; round < 2; round++) {
      const { checks } = await race(database, naive, { scenario: barrier, constraints: false });
      expect(checks.find(({ name }) => name === "single-grant")?.verdict).toBe("violated");
    }
  });

  it("sees its own names, and the harness sees the reference's, in one table", async () => {
    await using database = await openDatabase();
    const { control } = database;
    await freshTables(control, { constraints: true, strategy: workItems });
    await registerBots(control, new Lifecycle(), 1);
    await enqueue(control, new Lifecycle(), 2);
    expect(await checkStrategy(control, workItems)).toContain("job_id");
    await control.query("UPDATE work_items SET state = 'claimed', agent = 1 WHERE item_id = 2");
    expect(
      await control.query("SELECT id, status, claimed_by, touched, tenant FROM jobs ORDER BY id"),
    ).toEqual([
      { id: 1, status: "pending", claimed_by: null, touched: 0, tenant: "acme" },
      { id: 2, status: "claimed", claimed_by: "1", touched: 1, tenant: "acme" },
    ]);
  });

  it("has its rows locked and passed over through its names", async () => {
    await using database = await openDatabase();
    const { control } = database;
    await freshTables(control, { constraints: false, strategy: workItems });
    await enqueue(control, new Lifecycle(), 2);
    await control.withConnection(async (client) => {
      await client.query("BEGIN; SELECT FROM jobs WHERE id = 1 FOR UPDATE");
      const free = "SELECT item_id FROM work_items ORDER BY item_id LIMIT 1 FOR UPDATE SKIP LOCKED";
      expect(await control.query(free)).toEqual([{ item_id: 2 }]);
    });
  });
});

const columns = "id = item_id, status = state, claimed_by = agent, attempt = tries";
const table = (change: (text: string) => string): string =>
  change(
    "CREATE TABLE items (item_id bigserial PRIMARY KEY, state text NOT NULL DEFAULT 'pending', agent bigint, tries int DEFAULT 0);",
  );

describe("tables of a strategy's own that cannot take the reference's place", () => {
  it.each([
    ["that are not there", "jobs = items", "SELECT 1", "mine.sql:5: table items does not exist"],
    [
      "that is a view",
      "jobs = items",
      "CREATE VIEW items AS SELECT 1 AS id",
      "mine.sql:5: table items does not exist",
    ],
    [
      "whose mapped column is not there",
      `jobs = items (${columns}, claimed_at = taken)`,
      table((text) => text),
      'mine.sql:5: table items has no column "taken"',
    ],
    [
      "mapped for a column the reference lacks",
      `jobs = items (${columns}, colour = hue)`,
      table((text) => text.replace("tries int", "hue text, tries int")),
      'mine.sql:5: table items is mapped for "colour", which jobs lacks',
    ],
    [
      "that says nothing of who claimed a job",
      "jobs = items (id = item_id, status = state, attempt = tries)",
      table((text) => text),
      "mine.sql:5: table items has no column for jobs.claimed_by",
    ],
    [
      "whose ids are no numbers",
      `jobs = items (${columns})`,
      table((text) => text.replace("bigserial", "uuid DEFAULT gen_random_uuid()")),
      'mine.sql:5: table items has "item_id" of type uuid, which cannot be jobs.id',
    ],
    [
      "that does not number its jobs",
      `jobs = items (${columns})`,
      table((text) => text.replace("bigserial", "bigint")),
      'mine.sql:5: table items does not number "item_id" itself',
    ],
    [
      "whose id is not its key",
      `jobs = items (${columns})`,
      table((text) => text.replace(" PRIMARY KEY", "")),
      'mine.sql:5: table items has "item_id", which is not its primary key',
    ],
    [
      "that must be given what only its owner knows",
      `jobs = items (${columns})`,
      table((text) => text.replace("tries int", "owner text NOT NULL, tries int")),
      'mine.sql:5: table items has "owner", which must be given and has no default',
    ],
    [
      "whose set-up has a mistake",
      "jobs = items",
      "SELECT 1;\nCREATE TABLE items (id bigserail);",
      'mine.sql:8: setup: type "bigserail" does not exist',
    ],
    [
      "on which the set-up built something of the reference's",
      `jobs = items (${columns})`,
      `${table((text) => text)}\nCREATE VIEW mine AS SELECT * FROM jobs;`,
      "mine.sql:5: table items cannot take the place of jobs: cannot drop table jobs",
    ],
  ])("%s are refused, with file and line", async (_what, mapping, setup, message) => {
    const act = async (): Promise<void> => setUp(own(mapping, setup));
    await expect(act()).rejects.toThrow(message);
  });
});
