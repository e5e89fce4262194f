import { describe, expect, it } from "vitest";
import { mayChange } from "../../src/service/claim-run.ts";
import { loadStrategy, parseStrategy, strategyNames } from "../../src/service/strategy.ts";
import { parseSqlFile } from "../../src/service/sql-file.ts";

const header = "-- strategy: mine\n-- summary: s\n-- transaction: none\n-- verdict: safe\n";
const parse = (text: string) => parseStrategy(parseSqlFile("mine.sql", text));

describe("strategies", () => {
  it("that come with doubletake all load under the name of their file", () => {
    for (const name of strategyNames()) expect(loadStrategy(name).name).toBe(name);
  });

  it("that call themselves unsafe say what they break", () => {
    for (const strategy of strategyNames().map(loadStrategy)) {
      expect(strategy.breaks.length === 0).toBe(strategy.verdict === "safe");
    }
  });

  it.each([
    [
      "lacks a summary",
      "-- strategy: x\n-- step: a\nSELECT 1",
      'mine.sql:1: the front matter lacks "summary"',
    ],
    [
      "has a key nobody knows",
      `-- verdikt: safe\n${header}-- step: a\nSELECT 1`,
      'mine.sql:1: "verdikt" is not a key',
    ],
    [
      "has an isolation level nobody knows",
      `${header.replace("none", "chaos")}-- step: a\nSELECT 1`,
      'mine.sql:3: transaction cannot be "chaos"',
    ],
    [
      "is unsafe and does not say what it breaks",
      `${header.replace("safe", "unsafe")}-- step: a\nSELECT 1`,
      'mine.sql:1: the front matter lacks "breaks"',
    ],
    [
      "breaks a check that nobody knows",
      `${header.replace("safe", "unsafe")}-- breaks: drained, singel-grant\n-- step: a\nSELECT 1`,
      'mine.sql:5: "breaks" names "singel-grant", which is not a check\n  hint: did you mean "single-grant"?',
    ],
    [
      "is safe and says what it breaks",
      `${header}-- breaks: single-grant\n-- step: a\nSELECT 1`,
      'mine.sql:5: "breaks" stands beside "verdict: safe"',
    ],
    [
      "maps a table nobody knows",
      `${header}-- tables: job = work_items\n-- step: a\nSELECT 1`,
      'mine.sql:5: "job" is not a table that can be mapped',
    ],
    [
      "binds a name nobody provides",
      `${header}-- step: a\nSELECT :robot_id`,
      'mine.sql:6: step "a" binds :robot_id, which nobody provides',
    ],
  ])("a file that %s is refused with file and line", (_what, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("that are unsafe may break several checks", () => {
    const text = `${header.replace("safe", "unsafe")}-- breaks: drained,single-grant\n-- step: a\nSELECT 1`;
    expect(parse(text).breaks).toEqual(["drained", "single-grant"]);
  });

  it("an unknown name is refused with the names there are", () => {
    expect(() => loadStrategy("skip-lokced")).toThrow(
      /no strategy "skip-lokced"[\s\S]*skip-locked/,
    );
    expect(() => loadStrategy("../strategies/naive")).toThrow(/no strategy/);
  });
});

describe("whether a statement may change something", () => {
  const changes = (sql: string): boolean => mayChange({ sql });

  it.each([
    "SELECT id FROM jobs WHERE status IN ('pending') ORDER BY created_at, id LIMIT 1",
    "SELECT id FROM jobs WHERE status = 'please update (me)' FOR UPDATE SKIP LOCKED",
    "-- delete nothing\nWITH x AS (SELECT 1) SELECT count(*) FROM x FOR NO KEY UPDATE",
  ])("a read does not: %s", (sql) => {
    expect(changes(sql)).toBe(false);
  });

  it.each([
    "UPDATE jobs SET status = 'claimed'",
    "WITH c AS (UPDATE jobs SET a = 1 RETURNING id) SELECT id FROM c",
    "SELECT my_schema.claim_a_job(1)",
    "SELECT pg_try_advisory_lock(1)",
    "CALL claim()",
  ])("this may: %s", (sql) => {
    expect(changes(sql)).toBe(true);
  });
});
