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
  readonly #noted: ReadonlySet<number>;
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
    this.#noted = new Set(Buffer.from(options.noted));
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
        yield { kind: "body", bytes };
      } else {
        const head = this.#takeHead(rest);
        rest = head?.rest ?? empty;
        if (head !== undefined) yield head.piece;
      }
    }
  }

  /** Only looks: calls back for each message of the startup, or of a noted type. The caller passes the chunk on as it is. */
  observe(chunk: Buffer, visit: (message: Message) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = rest.subarray(this.#skip(rest));
      const head = this.#takeHead(rest);
      if (head?.piece.kind === "head" && this.#isNoted(head.piece.message)) {
        visit(head.piece.message);
      }
      rest = head?.rest ?? empty;
    }
    this.release();
  }

  /** The bytes that are carried and were not released before: for a caller that has passed the chunk on as a whole. */
  release(): Buffer {
    const bytes = this.#carry.subarray(this.#released);
    this.#released = this.#carry.length;
    return bytes;
  }

  #isNoted({ type }: Message): boolean {
    return type === "" || this.#noted.has(type.charCodeAt(0));
  }

  /** How many bytes belong to the message under way and to whole messages nobody wants: rows come by the million. */
  #skip(bytes: Buffer): number {
    let at = Math.min(this.#bodyLeftBytes, bytes.length);
    this.#bodyLeftBytes -= at;
    if (this.#carry.length > 0 || this.#untyped) return at;
    while (at + 1 + lengthBytes <= bytes.length) {
      const type = bytes[at] ?? 0;
      const length = bytes.readInt32BE(at + 1);
      if (this.#noted.has(type) || !this.#isPlausible(type, length)) return at;
      at += 1 + length;
    }
    this.#bodyLeftBytes = Math.max(0, at - bytes.length);
    return Math.min(at, bytes.length);
  }

  /** A head from what is carried and `rest`; undefined when that is not enough, and then all of it is carried. */
  #takeHead(rest: Buffer): { readonly piece: Piece; readonly rest: Buffer } | undefined {
    const bytes = this.#carry.length === 0 ? rest : Buffer.concat([this.#carry, rest]);
    const typeBytes = this.#untyped ? 0 : 1;
    const lengthEnd = typeBytes + lengthBytes;
    if (bytes.length < lengthEnd) return this.#keep(bytes);
    const length = bytes.readInt32BE(typeBytes);
    if (!this.#isPlausible(bytes[0] ?? 0, length)) return this.#break(bytes);
    const totalBytes = typeBytes + length;
    const headBytes = Math.min(totalBytes, lengthEnd + this.#headBodyBytes);
    if (bytes.length < headBytes) return this.#keep(bytes);
    const type = this.#untyped ? "" : String.fromCharCode(bytes[0] ?? 0);
    const message = { type, totalBytes, body: bytes.subarray(lengthEnd, headBytes) };
    const fresh = bytes.subarray(this.#released, headBytes);
    this.#forget();
    this.#bodyLeftBytes = totalBytes - headBytes;
    return {
      piece: { kind: "head", message, bytes: fresh },
      rest: bytes.subarray(headBytes),
    };
  }

  #isPlausible(type: number, length: number): boolean {
    if (this.#untyped) return length >= 8 && length <= largestStartupBytes;
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
    return { piece: { kind: "body", bytes: fresh }, rest: empty };
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
  /** The types of message that `observe` tells of, as one text. */
  readonly noted: string;
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
    }
  | { readonly kind: "body"; readonly bytes: Buffer };

const empty = Buffer.alloc(0);
const lengthBytes = 4;
/** MAX_STARTUP_PACKET_LENGTH in PostgreSQL's source. */
const largestStartupBytes = 10_000;
/** PQ_LARGE_MESSAGE_LIMIT, just under 1 GB. */
const largestMessageBytes = 0x3fffffff;
