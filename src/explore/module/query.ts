import { types as pgTypes } from "pg";
import type { CustomTypesConfig, QueryResult } from "pg";
import utils from "pg/lib/utils.js";
import type { Statement } from "../../service/bot-connection.ts";
import { ServerError } from "../../service/wire/answer.ts";
import type { WireAnswer } from "../../service/wire/answer.ts";
import { withoutQuoted } from "../sql-text.ts";
import type { Misuse } from "./misuse.ts";

/** What `query` of `pg` is called with, in its forms `(text, values)` and `(config)`. */
export interface Query {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
  readonly name?: string | undefined;
  readonly rowMode?: string | undefined;
  readonly types?: CustomTypesConfig | undefined;
}

/** Throws where it is a query that cannot be explored: a stream, a cursor, several statements in one. */
export function queryOf(first: unknown, values: unknown, misuse: Misuse): Query {
  const query: Query = typeof first === "string" ? { text: first } : (first as Query);
  if (typeof (first as { submit?: unknown } | null)?.submit === "function") {
    throw misuse.note("it asks with a cursor or a stream", "ask with query(text, values)");
  }
  if (typeof query?.text !== "string") throw new TypeError("a query needs a text");
  if (/;\s*\S/.test(withoutQuoted(query.text))) {
    const what = `it sends several statements in one: ${query.text.trim().slice(0, 60)}`;
    throw misuse.note(what, "send them one by one, so that others may come between");
  }
  return Array.isArray(values) ? { ...query, values } : query;
}

/** As `pg` sends it: by the simple protocol where there is nothing to bind. */
export function statementOf({ text, values = [], name }: Query): Statement {
  const bare = withoutQuoted(text).trim();
  // Who reads it further on knows a COMMIT only where nothing else stands beside it.
  const sent = /^(begin|start|commit|end|rollback|abort)\b/i.test(bare) ? bare : text;
  if (values.length === 0 && name === undefined) return { text: sent };
  return { name: name ?? "", text: sent, values: values.map(boundOf) };
}

/** Numbers and the like stay what they are: they are read by people, and tell which row is meant. */
function boundOf(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return typeof value === "symbol" ? String(value) : value;
  const prepared: unknown = utils.prepareValue(value);
  return Buffer.isBuffer(prepared) ? `\\x${prepared.toString("hex")}` : prepared;
}

/** Rows as `pg` makes them, with its own reading of types. */
export function resultOf(answer: WireAnswer, query: Query): QueryResult {
  const { columns, types } = answer;
  const source = query.types ?? pgTypes;
  const parsers = types.map(
    (oid) => source.getTypeParser(oid, "text") as (text: string) => unknown,
  );
  const read = (value: unknown, at: number): unknown =>
    value === null ? null : parsers[at]?.(textOf(value));
  const rows = answer.rows.map((row) => {
    const values = row.map(read);
    if (query.rowMode === "array") return values;
    return Object.fromEntries(columns.map((column, at) => [column, values[at]]));
  });
  const command = /^\s*(\w+)/.exec(query.text)?.[1]?.toUpperCase() ?? "";
  const rowCount = counting.has(command) ? answer.rowCount : null;
  const fields = columns.map((name, at) => ({ ...unknownField, name, dataTypeID: types[at] ?? 0 }));
  return { command, rowCount, oid: 0, fields, rows: rows as QueryResult["rows"] };
}

/** A number that is read here is one that the server wrote: beyond 2^53 it would be another. */
function textOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(
      "explore reads no whole number beyond 2^53: have the server make it a text",
    );
  }
  return String(value);
}

const counting = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES"]);
const unknownField = {
  tableID: 0,
  columnID: 0,
  dataTypeSize: -1,
  dataTypeModifier: -1,
  format: "text",
};

/** By what names `pg` tells of what the server says ("Error and Notice Message Fields" of its protocol). */
const fieldNames = {
  D: "detail",
  H: "hint",
  P: "position",
  W: "where",
  s: "schema",
  t: "table",
  c: "column",
  d: "dataType",
  n: "constraint",
} as const;

/** The same error, with all that code may look at. */
export function asDriverError(error: unknown): unknown {
  if (!(error instanceof ServerError)) return error;
  const named = Object.entries(fieldNames).map(([letter, name]) => [name, error.fields[letter]]);
  return Object.assign(error, Object.fromEntries(named));
}
