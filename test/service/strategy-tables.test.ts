import { describe, expect, it } from "vitest";
import { parseTables } from "../../src/service/strategy-tables.ts";

const parse = (text: string) => parseTables(text, "mine.sql:5");

describe("tables of a strategy's own", () => {
  it("are mapped by name, with those columns that have another name", () => {
    expect(parse("jobs = Work_Items (id = item_id, status=state) , bots = agents")).toEqual([
      {
        table: "jobs",
        own: "work_items",
        columns: [
          { column: "id", own: "item_id" },
          { column: "status", own: "state" },
        ],
        where: "mine.sql:5",
      },
      { table: "bots", own: "agents", columns: [], where: "mine.sql:5" },
    ]);
  });

  it("keep capitals and blanks in double quotes", () => {
    expect(parse('jobs = "Work ""Items"""("id" = "itemId")')[0]).toMatchObject({
      own: 'Work "Items"',
      columns: [{ column: "id", own: "itemId" }],
    });
  });

  it.each([
    ["nothing", "", "a name is expected where the line ends"],
    ["no own name", "jobs", '"=" is expected where the line ends'],
    ["an open bracket", "jobs = a (id = b", '")" is expected where the line ends'],
    ["an empty bracket", "jobs = a ()", 'a name is expected where ")" stands'],
    [
      "something behind it",
      "jobs = a; DROP TABLE b",
      '"," or the end is expected where "; DROP TABLE b" stands',
    ],
    ["a table that is the harness's", "effects = a", '"effects" is not a table that can be mapped'],
    ["a name that is taken", "jobs = bots", '"bots" cannot be a name of your own'],
    ["its own name", "jobs = jobs (id = item_id)", '"jobs" cannot be a name of your own'],
    ["a table twice", "jobs = a, jobs = b", 'table "jobs" is mapped twice'],
    ["one name for two tables", "jobs = a, bots = a", 'table "a" is mapped twice'],
    ["a column twice", "jobs = a (id = x, id = y)", 'column "id" is mapped twice'],
    ["one name for two columns", "jobs = a (id = x, status = x)", 'column "x" is mapped twice'],
  ])("with %s are refused", (_what, text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(/mine\.sql:5/);
  });
});
