import { describe, expect, it } from "vitest";
import { bindNames } from "../../src/service/named-parameters.ts";

describe("named parameters", () => {
  it("become numbers, a repeated name the same one", () => {
    expect(
      bindNames("WHERE id = :job_id AND (:attempt::int IS NULL OR attempt = :attempt)"),
    ).toEqual({
      text: "WHERE id = $1 AND ($2::int IS NULL OR attempt = $2)",
      names: ["job_id", "attempt"],
    });
  });

  it.each([
    ["strings", "SELECT ':a', 'it''s :b'"],
    ["quoted identifiers", 'SELECT ":a"'],
    ["dollar quotes", "SELECT $tag$ :a $tag$, $$ :b $$"],
    ["line comments", "SELECT 1 -- :a"],
    ["block comments", "SELECT 1 /* :a */"],
    ["casts", "SELECT '5'::int"],
    ["array slices of numbers", "SELECT x[1:2]"],
    ["named arguments", "SELECT make_interval(secs := 5)"],
  ])("are not looked for in %s", (_where, sql) => {
    expect(bindNames(sql)).toEqual({ text: sql, names: [] });
  });
});
