import { describe, expect, it } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { parseSqlFile, readSqlFile } from "../../src/service/sql-file.ts";

const twoSteps = `-- strategy: two-steps
-- summary: looks, then marks        -- and this is a remark
-- step: find
SELECT id AS job_id FROM jobs LIMIT 1;
-- step: mark
-- expect: rows
-- why: a comment of the step stays in its SQL

UPDATE jobs SET status = 'claimed'
 WHERE id = :job_id;
`;

describe("a file of SQL steps", () => {
  it("has its front matter, without remarks", () => {
    const file = parseSqlFile("two.sql", twoSteps);
    expect(file.header.get("summary")).toEqual({ value: "looks, then marks", line: 2 });
  });

  it("has its steps in order, with options and the line of their SQL", () => {
    const [find, mark] = parseSqlFile("two.sql", twoSteps).steps;
    expect(find).toMatchObject({ name: "find", line: 4, expectsRows: false });
    expect(mark).toMatchObject({ name: "mark", line: 7, expectsRows: true });
    expect(mark?.sql).toMatch(/^-- why[\s\S]*:job_id$/);
  });

  it("has its set-up, block by block, with the line of its SQL", () => {
    const text =
      "-- verdict: safe\n-- setup:\n\nCREATE TABLE a ();\n-- why: a remark\nCREATE TABLE b ();\n-- setup: more\nSELECT 1\n-- step: a\nSELECT 2";
    const { setup, header, steps } = parseSqlFile("x.sql", text);
    expect(setup).toEqual([
      { sql: "CREATE TABLE a ();\n-- why: a remark\nCREATE TABLE b ()", line: 4 },
      { sql: "SELECT 1", line: 8 },
    ]);
    expect([...header.keys()]).toEqual(["verdict"]);
    expect(steps.map(({ name }) => name)).toEqual(["a"]);
  });

  it("is read the same with Windows line ends and a byte order mark", () => {
    const unix = parseSqlFile("two.sql", twoSteps);
    expect(parseSqlFile("two.sql", twoSteps.replaceAll("\n", "\r\n"))).toEqual(unix);
  });

  it.each([
    ["no step at all", "-- strategy: x\n", "x.sql:1: has no step"],
    [
      "SQL before the first step",
      "SELECT 1;\n-- step: a\nSELECT 1",
      "x.sql:1: SQL before the first step",
    ],
    [
      "a step twice",
      "-- step: a\nSELECT 1\n-- step: a\nSELECT 2",
      'x.sql:3: step "a" stands twice',
    ],
    ["a bad step name", "-- step: Über\nSELECT 1", 'x.sql:1: "Über" is not a step\'s name'],
    ["an empty step", "-- step: a\n-- nothing\n-- step: b\nSELECT 1", 'x.sql:2: step "a" is empty'],
    ["an empty set-up", "-- setup:\n-- step: b\nSELECT 1", "x.sql:2: the set-up is empty"],
    [
      "set-up below a step",
      "-- step: a\nSELECT 1\n-- setup:\nSELECT 2",
      "x.sql:3: set-up stands below a step",
    ],
    [
      "an unknown expectation",
      "-- step: a\n-- expect: luck\nSELECT 1",
      'x.sql:2: "-- expect: luck" is not known',
    ],
    [
      "a key twice",
      "-- verdict: safe\n-- verdict: unsafe\n-- step: a\nSELECT 1",
      'x.sql:2: "verdict" stands twice',
    ],
  ])("with %s says where and what", (_what, text, message) => {
    expect(() => parseSqlFile("x.sql", text)).toThrow(message);
  });

  it("that cannot be read is a usage error", () => {
    const read = (): unknown => readSqlFile("/nowhere/at-all.sql");
    expect(read).toThrow(HarnessError);
    expect(read).toThrow("/nowhere/at-all.sql: cannot be read (ENOENT)");
  });
});
