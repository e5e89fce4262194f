/**
 * Requests of PostgreSQL's protocol, put together in one piece: one write, one round trip.
 *
 * ```
 *   first time   Parse  Describe  Bind  Execute  Sync        afterwards   Bind  Execute  Sync
 * ```
 * Layouts: PostgreSQL documentation, "Message Formats". All values go as text, and come back so.
 */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** A statement alone, without parameters, in the simple protocol. */
export function simpleRequest(text: string): Buffer {
  return message("Q", cstring(text));
}

/** Prepares the statement and asks for its columns; to stand before the first `executeRequest` of it. */
export function prepareRequest({ name, text }: PreparedStatement): Buffer {
  const noTypes = Buffer.alloc(2);
  return Buffer.concat([
    message("P", cstring(name), cstring(text), noTypes),
    message("D", Buffer.from("S"), cstring(name)),
  ]);
}

/** Runs a prepared statement. `undefined` is no value of the protocol: it is sent as null. */
export function executeRequest(head: Buffer, values: readonly unknown[]): Buffer {
  const texts = values.map(textOf);
  let length = head.length + 2 + 2 + executeAndSync.length;
  for (const text of texts) length += 4 + (text === null ? 0 : Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(length);
  head.copy(buffer, 0);
  buffer.writeUInt32BE(length - executeAndSync.length - 1, 1);
  let at = buffer.writeUInt16BE(texts.length, head.length);
  for (const text of texts) at = writeValue(buffer, at, text);
  at = buffer.writeUInt16BE(0, at);
  executeAndSync.copy(buffer, at);
  return buffer;
}

/** The part of a Bind that is the same each time: unnamed portal, the statement's name, all parameters as text. */
export function bindHead(name: string): Buffer {
  return Buffer.concat([Buffer.from("B\0\0\0\0\0"), cstring(name), Buffer.alloc(2)]);
}

function writeValue(buffer: Buffer, at: number, text: string | null): number {
  if (text === null) return buffer.writeInt32BE(-1, at);
  const written = buffer.write(text, at + 4);
  buffer.writeInt32BE(written, at);
  return at + 4 + written;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  // Few statements bind a time, and every claim provides one: it becomes a text only here.
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayText(value);
  throw new Error(`a parameter of a kind that no statement binds: ${typeof value}`);
}

/** An array literal of PostgreSQL: every element in quotes, so that no text in it means anything. */
function arrayText(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    const text = textOf(value);
    return text === null ? "NULL" : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${elements.join(",")}}`;
}

function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** All rows of the unnamed portal. */
const executeAndSync = Buffer.concat([
  message("E", Buffer.from("\0"), Buffer.alloc(4)),
  message("S"),
]);
