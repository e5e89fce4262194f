import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatementEffect } from "../../src/explore/footprint.ts";
import { StatementEffects } from "../../src/explore/statement-effects.ts";
import { lifecycleSql } from "../../src/service/lifecycle-file.ts";
import { bindNames } from "../../src/service/named-parameters.ts";
import { fillTables, openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
let effects: StatementEffects;
let names: ReadonlyMap<string, string>;

beforeAll(async () => {
  database = await openDatabase();
  const { control } = database;
  await fillTables(control, { bots: 1, jobs: 1, constraints: false });
  await control.query("CREATE VIEW pending AS SELECT * FROM jobs WHERE status = 'pending'");
  await control.query("CREATE TABLE watched (id bigint PRIMARY KEY, seen int)");
  await control.query(
    "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
  );
  await control.query(
    "CREATE TRIGGER looks AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION look()",
  );
  await control.query("CREATE FUNCTION take() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  await control.query("CREATE TABLE parts (id bigint, at int) PARTITION BY RANGE (at)");
  await control.query("CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9)");
  await control.query(
    "CREATE TABLE owners (id bigint PRIMARY KEY, watched_id bigint REFERENCES watched)",
  );
  const rows = await control.query(
    "SELECT oid::text, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace",
  );
  names = new Map(rows.map(({ oid, relname }) => [String(oid), String(relname)]));
  effects = await StatementEffects.open(control);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function effectOf(text: string, values: readonly unknown[] = []) {
  const { isOpaque, reads, locks }: StatementEffect = await effects.of({ text, values });
  const told = (places: StatementEffect["reads"]): string[] =>
    places
      .map(({ table, key }) => `${names.get(table) ?? table}${key === undefined ? "" : ` ${key}`}`)
      .toSorted();
  return isOpaque ? "unknown" : { reads: told(reads), locks: told(locks) };
}

describe("what the server says of a statement", () => {
  it("tells reads from locks", async () => {
    const text =
      "SELECT j.id FROM jobs j WHERE NOT EXISTS (SELECT FROM bots b WHERE b.current_job_id = j.id) LIMIT 1";
    expect(await effectOf(text)).toEqual({ reads: ["bots", "jobs"], locks: [] });
    expect(await effectOf(`${text} FOR UPDATE OF j SKIP LOCKED`)).toEqual({
      reads: ["bots", "jobs"],
      locks: ["jobs"],
    });
  });

  it("knows the one row that an UPDATE by its primary key touches", async () => {
    const text =
      "UPDATE jobs SET status = 'claimed', claimed_by = $1 WHERE id = $2 RETURNING id, attempt";
    expect(await effectOf(text, [1, 7])).toEqual({ reads: [], locks: ["jobs 7"] });
    const guarded = "UPDATE jobs SET status = 'claimed' WHERE id = $1 AND status = 'pending'";
    expect(await effectOf(guarded, [7])).toEqual({ reads: [], locks: ["jobs 7"] });
    const moving = "UPDATE jobs SET id = $1 WHERE id = $2";
    expect(await effectOf(moving, [8, 7])).not.toMatchObject({ locks: ["jobs 7"] });
  });

  it("knows the rows that a statement of several parts touches, and what it only adds", async () => {
    const { text, names: bound } = bindNames(lifecycleSql("complete"));
    const values = bound.map((name) => ({ job_id: 7, bot_id: 1 })[name] ?? null);
    expect(await effectOf(text, values)).toEqual({ reads: [], locks: ["bots 1", "jobs 7"] });
    const { adds } = await effects.of({ text, values });
    expect(adds.map(({ table }) => names.get(table))).toEqual(["effects"]);
  });

  it.each([
    ["another condition finds it", "UPDATE jobs SET status = 'x' WHERE id = $1 OR status = 'y'"],
    ["its key is reckoned", "UPDATE jobs SET status = 'x' WHERE id = $1 + 1"],
    ["another row tells it", "UPDATE jobs SET status = 'x' FROM bots WHERE jobs.id = bots.id"],
    ["two keys do", "UPDATE jobs SET status = 'x' WHERE id = $1 OR id = $2"],
    [
      "others are looked at, too",
      "UPDATE jobs SET status = 'x' WHERE id = $1 AND (SELECT count(*) FROM jobs) > $2",
    ],
    [
      "an inner query finds it",
      "UPDATE jobs SET status = 'x' WHERE id = (SELECT max(id) FROM bots) AND a = $1",
    ],
  ])("takes a table for touched as a whole where %s", async (_why, text) => {
    expect(await effectOf(text, [7, 8])).toMatchObject({ locks: ["jobs"] });
  });

  it("looks through CTEs that change something", async () => {
    const text = "WITH done AS (UPDATE jobs SET status = 'x' RETURNING id) SELECT id FROM done";
    expect(await effectOf(text)).toEqual({ reads: ["jobs"], locks: ["jobs"] });
  });

  it("counts the other side of a foreign key as locked, and no row as alone there", async () => {
    expect(await effectOf("INSERT INTO owners (id, watched_id) VALUES ($1, $2)", [1, 1])).toEqual(
      "unknown",
    );
  });

  it("takes the partitions of a table for the table", async () => {
    expect(await effectOf("SELECT * FROM parts_1")).toEqual({ reads: ["parts"], locks: [] });
    expect(await effectOf("SELECT * FROM parts")).toEqual({ reads: ["parts"], locks: [] });
  });

  it("lets advisory locks stand for each other", async () => {
    const text = "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema(), 1))";
    expect(await effectOf(text)).toEqual({ reads: [], locks: ["(advisory locks)"] });
  });

  it.each([
    ["a view", "SELECT * FROM pending"],
    ["a table with a trigger", "UPDATE watched SET seen = 1"],
    ["a function of the user's", "SELECT take()"],
    ["a function that has effects", "SELECT nextval('jobs_id_seq')"],
    ["a sleep", "SELECT pg_sleep(0)"],
    ["a quoted function", 'SELECT "take"()'],
    ["what is no query", "LOCK TABLE jobs"],
    ["a setting", "SET lock_timeout = '1s'"],
    ["what does not parse", "SELECT FROM nowhere"],
  ])("knows nothing of %s", async (_what, text) => {
    expect(await effectOf(text)).toBe("unknown");
  });

  it("is not misled by strings and comments", async () => {
    const text =
      "SELECT 'nextval(' || id FROM jobs -- take()\n /* take() */ WHERE status = 'it''s take()'";
    expect(await effectOf(text)).toEqual({ reads: ["jobs"], locks: [] });
  });
});
