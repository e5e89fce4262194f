/** What the server says of one request. */
export interface WireAnswer {
  /** Of a statement that returns rows; empty else. */
  readonly columns: readonly string[];
  /** The oids of their types. */
  readonly types: readonly number[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows returned or affected. */
  readonly rowCount: number;
}

/** How the columns of a statement are named and read. */
export interface RowShape {
  readonly columns: readonly string[];
  readonly types: readonly number[];
}

export const noRows: RowShape = { columns: [], types: [] };

/** An error that the server answered with: `code` is its SQLSTATE, as in `pg`'s DatabaseError. */
export class ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  /** All that the server said, by the letters of the protocol ("Error and Notice Message Fields"). */
  readonly fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    super(fields["M"] ?? "the server reports an error without a message");
    this.name = "ServerError";
    this.code = fields["C"] ?? "XX000";
    this.fields = fields;
    this.severity = fields["V"] ?? fields["S"] ?? "ERROR";
  }

  /** The server closes the connection after it: no ReadyForQuery follows. */
  get isFatal(): boolean {
    return this.severity === "FATAL" || this.severity === "PANIC";
  }
}

const int8 = 20;
const int4 = 23;
const bool = 16;

/** A DataRow's values: numbers as numbers, and the rest as text. Ids stay below 2^53; nothing else is looked at. */
export function readRow(bytes: Buffer, from: number, types: readonly number[]): unknown[] {
  const count = bytes.readUInt16BE(from);
  const row: unknown[] = [];
  let at = from + 2;
  for (let column = 0; column < count; column++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) {
      row.push(null);
      continue;
    }
    row.push(readValue(bytes, at, at + length, types[column]));
    at += length;
  }
  return row;
}

function readValue(bytes: Buffer, from: number, to: number, type: number | undefined): unknown {
  if (type === int8 || type === int4) return readInteger(bytes, from, to);
  if (type === bool) return bytes[from] === letterT;
  return bytes.toString("utf8", from, to);
}

const letterT = 0x74;
const minus = 0x2d;
const digit0 = 0x30;

/** Digit by digit: a string for each number would cost more than the number. */
function readInteger(bytes: Buffer, from: number, to: number): number {
  const isNegative = bytes[from] === minus;
  let value = 0;
  for (let at = isNegative ? from + 1 : from; at < to; at++) {
    value = value * 10 + ((bytes[at] as number) - digit0);
  }
  return isNegative ? -value : value;
}

/** A RowDescription: of each field the name, and the type after table and column number. */
export function readShape(bytes: Buffer, from: number): RowShape {
  const columns: string[] = [];
  const types: number[] = [];
  let at = from + 2;
  for (let field = bytes.readUInt16BE(from); field > 0; field--) {
    const end = bytes.indexOf(0, at);
    columns.push(bytes.toString("utf8", at, end));
    types.push(bytes.readUInt32BE(end + 7));
    at = end + 19;
  }
  return { columns, types };
}

/** The number that ends a CommandComplete: `UPDATE 5`, `INSERT 0 5`; 0 where there is none. */
export function readRowCount(bytes: Buffer, to: number): number {
  let [count, unit] = [0, 1];
  for (let at = to - 2; at >= 0; at--) {
    const digit = (bytes[at] as number) - digit0;
    if (digit < 0 || digit > 9) break;
    count += digit * unit;
    unit *= 10;
  }
  return count;
}

/** An ErrorResponse: fields of a letter and a text, until a zero. */
export function readError(bytes: Buffer, from: number): ServerError {
  const fields: Record<string, string> = {};
  let at = from;
  while (bytes[at] !== 0 && at < bytes.length) {
    const end = bytes.indexOf(0, at);
    fields[String.fromCharCode(bytes[at] as number)] = bytes.toString("utf8", at + 1, end);
    at = end + 1;
  }
  return new ServerError(fields);
}
