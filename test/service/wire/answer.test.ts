import { expect, it } from "vitest";
import { readError, readRow, readRowCount, readShape } from "../../../src/service/wire/answer.ts";
import { bindHead, executeRequest } from "../../../src/service/wire/request.ts";

const int8 = 20;
const bool = 16;
const text = 25;

function row(...values: readonly (string | null)[]): Buffer {
  const parts = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(value ?? "")]);
  });
  const count = Buffer.alloc(2);
  count.writeUInt16BE(values.length);
  return Buffer.concat([count, ...parts]);
}

it("reads numbers as numbers, and the rest as text", () => {
  const values = ["9007199254740991", "-17", "t", "f", "grüße", null];
  const types = [int8, int8, bool, bool, text, int8];
  expect(readRow(row(...values), 0, types)).toEqual([
    Number.MAX_SAFE_INTEGER,
    -17,
    true,
    false,
    "grüße",
    null,
  ]);
});

it("reads the names and types of columns", () => {
  const field = (name: string, type: number): Buffer => {
    const rest = Buffer.alloc(18);
    rest.writeUInt32BE(type, 6);
    return Buffer.concat([Buffer.from(`${name}\0`), rest]);
  };
  const description = Buffer.concat([
    Buffer.from("\0\x02"),
    field("job_id", int8),
    field("é", text),
  ]);
  expect(readShape(description, 0)).toEqual({ columns: ["job_id", "é"], types: [int8, text] });
});

it.each([
  ["UPDATE 5", 5],
  ["INSERT 0 120", 120],
  ["SELECT 1", 1],
  ["BEGIN", 0],
])("reads the number of rows of %s", (tag, count) => {
  const bytes = Buffer.from(`${tag}\0`);
  expect(readRowCount(bytes, bytes.length)).toBe(count);
});

it("reads an error with its SQLSTATE, and whether it ends the connection", () => {
  const fatal = readError(Buffer.from("SFATAL\0VFATAL\0C57P01\0Mgone\0\0"), 0);
  expect(fatal).toMatchObject({ code: "57P01", message: "gone", isFatal: true });
  // The severity of old servers comes translated, and V untranslated.
  const lost = readError(Buffer.from("SFEHLER\0VERROR\0C40001\0Mno\0\0"), 0);
  expect(lost).toMatchObject({ code: "40001", isFatal: false });
});

it("puts the values of a Bind as text, and nulls as nulls", () => {
  const request = executeRequest(bindHead("s"), [1, "ü", null, undefined, true]);
  const values = "\0\x05\0\0\0\x011\0\0\0\x02ü\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x04true";
  expect(request.toString("latin1")).toContain(
    values.replace("ü", Buffer.from("ü").toString("latin1")),
  );
  // Bind's own length reaches up to Execute.
  expect(request[1 + request.readUInt32BE(1)]).toBe("E".charCodeAt(0));
  expect(request.subarray(-5)).toEqual(Buffer.from("S\0\0\0\x04"));
});

it("puts a list as an array, whatever stands in its texts", () => {
  const request = executeRequest(bindHead("s"), [['a"b', "c\\d,", null, 5]]);
  expect(request.toString("utf8")).toContain(String.raw`{"a\"b","c\\d,",NULL,"5"}`);
});

it("puts a time as a text that a timestamptz is read from", () => {
  const request = executeRequest(bindHead("s"), [new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 67))]);
  expect(request.toString("utf8")).toContain("2026-01-02T03:04:05.067Z");
});
