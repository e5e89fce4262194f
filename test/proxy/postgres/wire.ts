/** Messages of PostgreSQL's protocol, made by hand for the tests. */
export const wire = {
  startup: (): Buffer => untyped(196_608, Buffer.from("user\0test\0\0")),
  sslRequest: (): Buffer => untyped(80_877_103),
  cancelRequest: (pid: number): Buffer => untyped(80_877_102, int32(pid), int32(1)),
  query: (sql: string): Buffer => message("Q", cString(sql)),
  parse: (name: string, sql: string): Buffer =>
    message("P", cString(name), cString(sql), Buffer.from([0, 0])),
  bind: (name: string): Buffer => message("B", cString(""), cString(name), Buffer.alloc(6)),
  execute: (): Buffer => message("E", cString(""), int32(0)),
  sync: (): Buffer => message("S"),
  authenticated: (): Buffer => message("R", int32(0)),
  keyData: (pid: number): Buffer => message("K", int32(pid), int32(7)),
  ready: (status: "I" | "T" | "E"): Buffer => message("Z", Buffer.from(status)),
  complete: (tag: string): Buffer => message("C", cString(tag)),
  row: (text: string): Buffer =>
    message("D", Buffer.from([0, 1]), int32(text.length), Buffer.from(text)),
} as const;

export function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function untyped(code: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([int32(code), ...parts]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
