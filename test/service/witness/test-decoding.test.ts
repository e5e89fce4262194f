import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readChange,
  readCommitTime,
  readMessage,
} from "../../../src/service/witness/test-decoding.ts";
import { openDatabase } from "../../setup/database.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly value: string | null;
  /** Numbers and booleans are not; texts and all else are. */
  readonly isQuoted: boolean;
}

/** The way `tuple_to_stringinfo` of contrib/test_decoding writes a column. */
function written({ name, type, value, isQuoted }: Column): string {
  const text = isQuoted && value !== null ? `'${value.replaceAll("'", "''")}'` : (value ?? "null");
  return ` ${identifier(name)}[${type}]:${text}`;
}

function identifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Rich in what could be taken for the end of a value, a type or a row. */
const treacherous = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        "''",
        '"',
        "]:",
        "[",
        "]",
        " ",
        "\n",
        "\\",
        "null",
        " new-tuple:",
        "old-key:",
        "☃",
        "💾",
        ":",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

const types = fc.oneof(
  fc.constantFrom("text", "text[]", "timestamp with time zone", "character varying", "jsonb"),
  treacherous.map((name) => `"${name.replaceAll('"', '""')}"`),
);

const column: fc.Arbitrary<Column> = fc.oneof(
  fc.record({
    name: fc.oneof(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), treacherous.filter(Boolean)),
    type: types,
    value: fc.option(treacherous),
    isQuoted: fc.constant(true),
  }),
  fc.record({
    name: fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
    type: fc.constantFrom("bigint", "integer", "boolean", "double precision"),
    value: fc.option(fc.constantFrom("0", "-7", "1e+300", "NaN", "true", "9007199254740993")),
    isQuoted: fc.constant(false),
  }),
);

const row = fc.uniqueArray(column, { minLength: 1, maxLength: 8, selector: ({ name }) => name });

const names = (columns: readonly Column[]): readonly string[] => columns.map(({ name }) => name);
const values = (columns: readonly Column[]): readonly (string | null)[] =>
  columns.map(({ value }) => value);

describe("a line of test_decoding", () => {
  it("is read as it was written, whatever its texts hold", () => {
    fc.assert(
      fc.property(row, (columns) => {
        const line = `table s.t: INSERT:${columns.map(written).join("")}`;
        const change = readChange(line, "table s.t: ".length, names(columns));
        expect(change).toEqual({ kind: "insert", oldKey: null, row: values(columns) });
      }),
      { numRuns: 500 },
    );
  });

  it("is read with its old key", () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 8 }), (columns, keys) => {
        const key = columns.slice(0, keys);
        const line = `table s.t: UPDATE: old-key:${key.map(written).join("")} new-tuple:${columns.map(written).join("")}`;
        const change = readChange(line, "table s.t: ".length, names(columns));
        const oldKey = columns.map((one) => (key.includes(one) ? one.value : undefined));
        expect(change).toEqual({ kind: "update", oldKey, row: values(columns) });
      }),
    );
  });

  it("gives the columns that were asked for, in that order", () => {
    const line =
      "table s.t: UPDATE: a[integer]:1 b[text]:unchanged-toast-datum c[bit varying]:B'101'";
    const change = readChange(line, "table s.t: ".length, ["c", "missing", "b", "a"]);
    expect(change).toEqual({
      kind: "update",
      oldKey: null,
      row: ["101", undefined, undefined, "1"],
    });
  });

  it.each([
    ["table s.t: DELETE: id[bigint]:4", { kind: "delete", oldKey: ["4"], row: null }],
    ["table s.t: DELETE: (no-tuple-data)", { kind: "delete", oldKey: null, row: null }],
    ["table s.t: TRUNCATE: (no-flags)", null],
  ])("%s", (line, change) => {
    expect(readChange(line, "table s.t: ".length, ["id"])).toEqual(change);
  });

  it.each([
    ["a value whose quote is not closed", "table s.t: INSERT: a[text]:'it''s"],
    ["a column without a type", "table s.t: INSERT: a"],
    ["a type that does not end", "table s.t: INSERT: a[text"],
    ["an old key without the new row", "table s.t: UPDATE: old-key: a[integer]:1"],
  ])("that is none is a defect: %s", (_name, line) => {
    expect(() => readChange(line, "table s.t: ".length, ["z"])).toThrow(/broken invariant/);
  });

  it("may be the end of a transaction, with its time", () => {
    const us = (text: string): number => Date.parse(text) * 1000;
    expect(readCommitTime("COMMIT 7 (at 2026-02-28 23:59:59.000123+00)")).toBe(
      us("2026-02-28T23:59:59Z") + 123,
    );
    expect(readCommitTime("COMMIT 7 (at 2026-02-28 23:59:59.5+00)")).toBe(
      us("2026-02-28T23:59:59.5Z"),
    );
    expect(readCommitTime("COMMIT 7 (at 2026-02-28 23:59:59+00)")).toBe(us("2026-02-28T23:59:59Z"));
    expect(readCommitTime("BEGIN 7")).toBeNull();
  });

  it("may be a message, ours or another's", () => {
    const line = "message: transactional: 1 prefix: ours, sz: 11 content:round 0 end";
    expect(readMessage(line, "ours")).toBe("round 0 end");
    expect(readMessage(line, "theirs")).toBeNull();
  });
});

it("PostgreSQL writes lines as this test does", async () => {
  await using database = await openDatabase();
  const { control } = database;
  const { schema } = control;
  await control.query(
    `CREATE TYPE "a]:type" AS ENUM ('x y', 'it''s');
     CREATE TABLE odd (id int PRIMARY KEY, "Name ]: ""q""" text, tags text[], kind "a]:type", bits varbit, ok boolean, price numeric)`,
  );
  const texts = [
    "it's",
    " new-tuple: a[text]:'x'",
    'quo"te',
    "line\nfeed",
    "back\\slash",
    "ünï ☃ 💾",
    "",
  ];
  const slot = `${schema}_lines`;
  await control.query(`SELECT pg_create_logical_replication_slot('${slot}', 'test_decoding')`);
  for (const [index, text] of texts.entries()) {
    await control.query(
      `INSERT INTO odd VALUES ($1, $2, ARRAY[$2::text, 'b'], 'it''s', B'101', true, 1.50)`,
      [index, text],
    );
  }
  const lines = await control.query(
    `SELECT data FROM pg_logical_slot_get_changes('${slot}', NULL, NULL) WHERE data LIKE 'table ${schema}.odd:%'`,
  );
  await control.query(`SELECT pg_drop_replication_slot('${slot}')`);
  const columns = ["id", 'Name ]: "q"', "kind", "bits", "ok", "price"];
  const prefix = `table ${schema}.odd: `;
  const rows = lines.map(({ data }) => readChange(String(data), prefix.length, columns)?.row);
  expect(rows).toEqual(texts.map((text, id) => [String(id), text, "it's", "101", "true", "1.50"]));
});
