import { assert } from "../../base/assert.ts";

/** A column's value as text; null is SQL's null; undefined: not in the line, or too large and unchanged. */
export type ColumnText = string | null | undefined;

/** A line `table …` of PostgreSQL's output plugin `test_decoding`. */
export interface DecodedChange {
  readonly kind: "insert" | "update" | "delete";
  /** The row's key before the change, where the change changed it or the row is gone. */
  readonly oldKey: readonly ColumnText[] | null;
  /** The row after the change; null where it is gone. */
  readonly row: readonly ColumnText[] | null;
}

/**
 * Reads one line of a table's changes (contrib/test_decoding/test_decoding.c of PostgreSQL, `pg_decode_change`):
 *
 * ```
 * table doubletake.jobs: UPDATE: old-key: id[bigint]:1 new-tuple: id[bigint]:2 name[text]:'it''s' at[timestamp with time zone]:null
 * ```
 *
 * `at` is where the line goes on behind `table schema.name: `. Values come back in the order of `columns`; what stands
 * behind the last of them is not looked at. Null: no row was changed (TRUNCATE).
 */
export function readChange(
  line: string,
  at: number,
  columns: readonly string[],
): DecodedChange | null {
  const colon = line.indexOf(":", at);
  const kind = kinds.get(line.slice(at, colon));
  if (kind === undefined) return null;
  const start = colon + 1;
  if (kind === "delete") {
    return { kind, oldKey: readRow(line, start, columns)?.values ?? null, row: null };
  }
  if (!line.startsWith(oldKeyMark, start)) {
    return { kind, oldKey: null, row: readRow(line, start, columns)?.values ?? null };
  }
  // The row begins where the old key ends: to ask for a column that there is not makes it read to the end.
  const oldKey = readRow(line, start + oldKeyMark.length, [...columns, noColumn]);
  const newRow = line.startsWith(newRowMark, oldKey?.end) ? (oldKey?.end ?? 0) : -1;
  assert(newRow >= 0, "a decoded old key is followed by the new row");
  const row = readRow(line, newRow + newRowMark.length, columns)?.values ?? null;
  return { kind, oldKey: oldKey?.values.slice(0, -1) ?? null, row };
}

const kinds: ReadonlyMap<string, DecodedChange["kind"]> = new Map([
  ["INSERT", "insert"],
  ["UPDATE", "update"],
  ["DELETE", "delete"],
]);

const oldKeyMark = " old-key:";
const newRowMark = " new-tuple:";
const noRowMark = " (no-tuple-data)";
const noColumn = "";
const unchangedMark = "unchanged-toast-datum";

interface Row {
  readonly values: readonly ColumnText[];
  /** One past the last character that was looked at. */
  readonly end: number;
}

/** ` name[type]:value` again and again. Null: the line says that there is no row to show. */
function readRow(line: string, from: number, columns: readonly string[]): Row | null {
  if (line.startsWith(noRowMark, from)) return null;
  const values = Array.from<ColumnText>({ length: columns.length });
  let missing = columns.length;
  let at = from;
  while (missing > 0 && at < line.length && !line.startsWith(newRowMark, at)) {
    const nameEnd = endOfIdentifier(line, at + 1);
    const valueStart = endOfType(line, nameEnd + 1) + 2;
    const valueEnd = endOfValue(line, valueStart);
    const column = columnNamed(line, { from: at + 1, to: nameEnd }, columns);
    if (column >= 0) {
      values[column] = valueOf(line, valueStart, valueEnd);
      missing--;
    }
    at = valueEnd;
  }
  return { values, end: at };
}

/** One past a name, which is quoted where it is not made of small letters, digits and underscores. */
function endOfIdentifier(line: string, from: number): number {
  const end = line[from] === '"' ? endOfQuoted(line, from, '"') : line.indexOf("[", from);
  assert(end > from && line[end] === "[", "a decoded column's name is followed by its type");
  return end;
}

/**
 * Where the bracket behind a type stands. A type may have brackets itself (`text[]`), and when its name is quoted any
 * character: the right bracket is the first one followed by a colon that no quotes are open at.
 */
function endOfType(line: string, from: number): number {
  let end = line.indexOf("]:", from);
  while (end >= 0 && hasOpenQuote(line, from, end)) end = line.indexOf("]:", end + 1);
  assert(end >= 0, "a decoded column's type is followed by its value");
  return end;
}

/** An odd number of quotes: a quote inside a quoted name is written twice. */
function hasOpenQuote(line: string, from: number, to: number): boolean {
  let isOpen = false;
  let quote = line.indexOf('"', from);
  while (quote >= 0 && quote < to) {
    isOpen = !isOpen;
    quote = line.indexOf('"', quote + 1);
  }
  return isOpen;
}

/** Texts are quoted, bit strings as in B'101'; numbers, booleans, null and marks end at the next blank. */
function endOfValue(line: string, from: number): number {
  if (line[from] === "'") return endOfQuoted(line, from, "'");
  if (line[from] === "B" && line[from + 1] === "'") return endOfQuoted(line, from + 1, "'");
  const blank = line.indexOf(" ", from);
  return blank < 0 ? line.length : blank;
}

/** One past the quote that closes; a quote inside is written twice. */
function endOfQuoted(line: string, from: number, quote: '"' | "'"): number {
  let end = line.indexOf(quote, from + 1);
  while (end >= 0 && line[end + 1] === quote) end = line.indexOf(quote, end + 2);
  assert(end >= 0, "a decoded quote is closed");
  return end + 1;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function columnNamed(line: string, { from, to }: Span, columns: readonly string[]): number {
  if (line[from] === '"') return columns.indexOf(unquoted(line, from, to));
  for (let column = 0; column < columns.length; column++) {
    const name = columns[column] as string;
    if (name.length === to - from && line.startsWith(name, from)) return column;
  }
  return -1;
}

function valueOf(line: string, from: number, to: number): ColumnText {
  if (line[from] === "'") return unquoted(line, from, to);
  const text = line.slice(from, to);
  if (text === "null") return null;
  if (text === unchangedMark) return undefined;
  return text.startsWith("B'") ? text.slice(2, -1) : text;
}

/** What stands between the quotes. */
function unquoted(line: string, from: number, to: number): string {
  const quote = line[from] as string;
  const inside = line.slice(from + 1, to - 1);
  return inside.includes(quote) ? inside.replaceAll(quote + quote, quote) : inside;
}

const timeText = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00$/;
const commitLine = /^COMMIT \d+ \(at (.*)\)$/;

/**
 * Microseconds since 1970 of a `timestamptz` as text, the session's time zone being UTC; beyond all times for
 * `infinity` and `-infinity`; null for other texts.
 */
export function readTime(text: string): number | null {
  if (text === "infinity") return Number.MAX_SAFE_INTEGER;
  if (text === "-infinity") return Number.MIN_SAFE_INTEGER;
  const match = timeText.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return seconds * 1_000_000 + Number((match[7] ?? "").padEnd(6, "0"));
}

/** Likewise, of a line `COMMIT … (at …)`; null for other lines. */
export function readCommitTime(line: string): number | null {
  const match = commitLine.exec(line);
  return match === null ? null : readTime(match[1] as string);
}

/** The content of a message that was written into the log under `prefix`; null for other lines. */
export function readMessage(line: string, prefix: string): string | null {
  const start = `message: transactional: 1 prefix: ${prefix}, sz: `;
  if (!line.startsWith(start)) return null;
  const mark = " content:";
  return line.slice(line.indexOf(mark, start.length) + mark.length);
}
