/**
 * Splits one direction of a PostgreSQL connection into messages as the bytes come in, whatever the chunks are.
 *
 * ```
 *   startup     ┌ length ┬ code   ┬ parameters …            no type byte; length counts itself
 *   afterwards  ┌ type ┬ length ┬ body …                    length counts itself and the body
 * ```
 * (PostgreSQL documentation, "Message Formats".) Only the head of a message, a bounded part, is ever kept; the rest of
 * its body streams through.
 */
export class MessageFramer {
  readonly #headBodyBytes: number;
  #untyped: boolean;
  /** The bytes of a head that is not complete yet. */
  #carry: Buffer = empty;
  /** How many of `#carry` have been handed out by `release`. */
  #released = 0;
  /** What is left of the body of the message under way. */
  #bodyLeftBytes = 0;
  #broken = false;

  constructor(options: FramerOptions) {
    this.#headBodyBytes = options.headBodyBytes;
    this.#untyped = options.untyped;
  }

  /** The bytes cannot be PostgreSQL's protocol: everything is handed out as `body` from here on. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Whether the next message has no type byte, as the first of a client, and the one after a refused SSLRequest. */
  expectUntyped(untyped: boolean): void {
    this.#untyped = untyped;
  }

  /** The pieces that the chunk completes. Joined, the pieces of all chunks are the stream, less what is carried. */
  *feed(chunk: Buffer): Generator<Piece> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#bodyLeftBytes > 0) {
        const bytes = rest.subarray(0, this.#bodyLeftBytes);
        this.#bodyLeftBytes -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { kind: "body", bytes, isLast: this.#bodyLeftBytes === 0 };
      } else {
        const head = this.#takeHead(rest);
        rest = head?.rest ?? empty;
        if (head !== undefined) yield head.piece;
      }
    }
  }

  /** The bytes that are carried and were not released before: for a caller that has passed the chunk on as a whole. */
  release(): Buffer {
    const bytes = this.#carry.subarray(this.#released);
    this.#released = this.#carry.length;
    return bytes;
  }

  /** A head from what is carried and `rest`; undefined when that is not enough, and then all of it is carried. */
  #takeHead(rest: Buffer): { readonly piece: Piece; readonly rest: Buffer } | undefined {
    const bytes = this.#carry.length === 0 ? rest : Buffer.concat([this.#carry, rest]);
    const typeBytes = this.#untyped ? 0 : 1;
    const lengthEnd = typeBytes + lengthBytes;
    if (bytes.length < lengthEnd) return this.#keep(bytes);
    const length = bytes.readInt32BE(typeBytes);
    if (!this.#isPlausible(bytes, length)) return this.#break(bytes);
    const totalBytes = typeBytes + length;
    const headBytes = Math.min(totalBytes, lengthEnd + this.#headBodyBytes);
    if (bytes.length < headBytes) return this.#keep(bytes);
    const type = this.#untyped ? "" : String.fromCharCode(bytes[0] ?? 0);
    const message = { type, totalBytes, body: bytes.subarray(lengthEnd, headBytes) };
    const fresh = bytes.subarray(this.#released, headBytes);
    this.#forget();
    this.#bodyLeftBytes = totalBytes - headBytes;
    const isLast = this.#bodyLeftBytes === 0;
    return {
      piece: { kind: "head", message, bytes: fresh, isLast },
      rest: bytes.subarray(headBytes),
    };
  }

  #isPlausible(bytes: Buffer, length: number): boolean {
    if (this.#untyped) return length >= 8 && length <= largestStartupBytes;
    const type = bytes[0] ?? 0;
    return length >= lengthBytes && length <= largestMessageBytes && type > 0x20 && type < 0x7f;
  }

  #keep(bytes: Buffer): undefined {
    // A copy: the chunk's memory is the reader's.
    this.#carry = Buffer.from(bytes);
    return undefined;
  }

  #break(bytes: Buffer): { readonly piece: Piece; readonly rest: Buffer } {
    this.#broken = true;
    this.#bodyLeftBytes = Number.POSITIVE_INFINITY;
    const fresh = bytes.subarray(this.#released);
    this.#forget();
    return { piece: { kind: "body", bytes: fresh, isLast: false }, rest: empty };
  }

  #forget(): void {
    this.#carry = empty;
    this.#released = 0;
  }
}

export interface FramerOptions {
  /** How much of a body belongs to the head: what the caller needs to see of a message before it is passed on. */
  readonly headBodyBytes: number;
  readonly untyped: boolean;
}

export interface Message {
  /** One character; empty for a message of the startup phase. */
  readonly type: string;
  /** All of it, type and length included. */
  readonly totalBytes: number;
  /** The beginning of the body. */
  readonly body: Buffer;
}

export type Piece =
  | {
      readonly kind: "head";
      readonly message: Message;
      readonly bytes: Buffer;
      readonly isLast: boolean;
    }
  | { readonly kind: "body"; readonly bytes: Buffer; readonly isLast: boolean };

const empty = Buffer.alloc(0);
const lengthBytes = 4;
/** MAX_STARTUP_PACKET_LENGTH in PostgreSQL's source. */
const largestStartupBytes = 10_000;
/** PQ_LARGE_MESSAGE_LIMIT, just under 1 GB. */
const largestMessageBytes = 0x3fffffff;
