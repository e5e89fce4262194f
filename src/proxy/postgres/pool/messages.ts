/** Messages of PostgreSQL's protocol that the pool makes itself (PostgreSQL documentation, "Message Formats"). */
export const messages = {
  authenticated: (): Buffer => typed("R", int32(0)),
  keyData: ({ pid, secret }: BackendKey): Buffer => typed("K", int32(pid), secret),
  ready: (): Buffer => typed("Z", Buffer.from("I")),
  parseComplete: (): Buffer => typed("1"),
  parse: (name: string, rest: Buffer): Buffer => typed("P", cString(name), rest),
  closeStatement: (name: string): Buffer => typed("C", Buffer.from("S"), cString(name)),
  terminate: (): Buffer => typed("X"),
  cancel: ({ pid, secret }: BackendKey): Buffer => {
    const body = Buffer.concat([int32(cancelRequest), int32(pid), secret]);
    return Buffer.concat([int32(body.length + lengthBytes), body]);
  },
  /** An error that ends the session. */
  fatal: (code: string, text: string): Buffer =>
    typed("E", cString("SFATAL"), cString("VFATAL"), cString(`C${code}`), cString(`M${text}`), end),
} as const;

/** Who may cancel a statement: of a backend, or of a client of the pool. */
export interface BackendKey {
  readonly pid: number;
  readonly secret: Buffer;
}

/** The text up to the zero byte, and where what follows begins; undefined where there is no zero byte. */
export function readCString(body: Buffer, start: number): CString | undefined {
  const zero = body.indexOf(0, start);
  return zero < 0 ? undefined : { text: body.toString("utf8", start, zero), end: zero + 1 };
}

export interface CString {
  readonly text: string;
  readonly end: number;
}

/** The same message with another beginning of its body. `totalBytes`: of the message as it was. */
export function replacedStart(message: TypedMessage, start: Buffer, replacedBytes: number): Buffer {
  const bodyBytes = message.totalBytes - 1 - lengthBytes - replacedBytes + start.length;
  const head = [Buffer.from(message.type), int32(bodyBytes + lengthBytes), start];
  return Buffer.concat([...head, message.body.subarray(replacedBytes)]);
}

export interface TypedMessage {
  readonly type: string;
  readonly totalBytes: number;
  readonly body: Buffer;
}

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function typed(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + lengthBytes), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(lengthBytes);
  buffer.writeInt32BE(value);
  return buffer;
}

const lengthBytes = 4;
const end = Buffer.alloc(1);
export const cancelRequest = 80_877_102;
