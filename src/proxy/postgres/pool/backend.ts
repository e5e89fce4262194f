import type { Socket } from "node:net";
import { MessageFramer } from "../framing.ts";
import type { Message, Piece } from "../framing.ts";
import { ExpectedAnswers } from "./expected-answers.ts";
import type { Fate } from "./expected-answers.ts";
import { messages, readCString } from "./messages.ts";
import type { BackendKey } from "./messages.ts";
import { writeThrough } from "./write-through.ts";

/** Who has a backend: for its login, or for a transaction. */
export interface BackendUser {
  readonly key: BackendKey;
  readonly socket: Socket;
  /** Nothing is under way any more, and no transaction is open: it is not the client's any longer. */
  backendIsFree(): void;
  backendIsGone(): void;
}

/** The pool it belongs to. */
export interface BackendHost {
  /** Another client may have it. */
  backendIsFree(backend: Backend): void;
  backendIsGone(backend: Backend): void;
}

/** What the answer to a login said about the server, for clients that are answered without it. */
const greetingLimitBytes = 64 * 1024;
/** A key has at most 256 bytes; ReadyForQuery, the completions and the tags that matter are shorter. */
const headBodyBytes = 300;
/** Beyond it the oldest is closed. PgBouncer's `max_prepared_statements` is 200. */
const preparedLimit = 200;

/** One connection to the server, that clients take turns with. */
export class Backend {
  readonly socket: Socket;
  readonly #framer = new MessageFramer({ headBodyBytes, untyped: false, noted: "" });
  readonly #answers = new ExpectedAnswers();
  /** By the names the pool gives, in order of use. */
  readonly #prepared = new Set<string>();
  readonly #host: BackendHost;
  #user: BackendUser | undefined;
  #key: BackendKey | undefined;
  #greeting: Buffer[] = [];
  #status = "";
  #isUnsynced = false;
  /** What is still to come of the body of the client's message under way. */
  #bodyLeftBytes = 0;
  #isGone = false;
  /** Cancel requests on their way to it: until they have arrived, they could meet the next client's statement. */
  #cancels = 0;

  constructor(socket: Socket, host: BackendHost) {
    this.socket = socket;
    this.#host = host;
    socket.on("data", (data) => this.#receive(data));
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.once("close", () => this.#gone());
    // The startup packet is answered by a ReadyForQuery.
    this.#answers.addSync();
  }

  get key(): BackendKey | undefined {
    return this.#key;
  }

  get greeting(): Buffer {
    return Buffer.concat(this.#greeting);
  }

  get isTaken(): boolean {
    return this.#user !== undefined;
  }

  /** No statement is under way and no transaction open: another client would find nothing of this one's. */
  get isClean(): boolean {
    const owesNothing = !this.#isUnsynced && this.#answers.syncs === 0;
    return this.#status === "I" && owesNothing && this.#bodyLeftBytes === 0;
  }

  get isFree(): boolean {
    return !this.isTaken && this.isClean && this.#cancels === 0 && this.socket.writable;
  }

  take(user: BackendUser): void {
    this.#user = user;
  }

  /** The client has gone. A backend that is not clean is closed: its transaction goes with it. */
  abandon(): void {
    this.#user = undefined;
    this.socket.resume();
    if (this.isClean) this.#tellIfFree();
    else this.close();
  }

  close(): void {
    this.socket.setTimeout(lingerMs, () => this.socket.destroy());
    this.socket.end(messages.terminate());
    this.socket.destroySoon();
  }

  /** Passes a message of the client on. `fate`: of its answer, where it has one. */
  send(type: string, bytes: Buffer, fate: Fate = "pass"): void {
    if ("QSF".includes(type)) this.#answers.addSync();
    if ("PBC".includes(type)) this.#answers.add(fate);
    if ("PBDECH".includes(type)) this.#isUnsynced = true;
    if (type === "S") this.#isUnsynced = false;
    this.write(bytes);
  }

  /** So many bytes of the message that was sent are still to come, by `sendBody`. */
  expectBody(bytes: number): void {
    this.#bodyLeftBytes = bytes;
  }

  /** The server may have answered before: a COPY that failed is not read to its end. */
  sendBody(bytes: Buffer): void {
    this.#bodyLeftBytes -= bytes.length;
    this.write(bytes);
    if (this.#bodyLeftBytes === 0) this.#tellIfFree();
  }

  /** Sees to it that the statement is there; the answers are the pool's, not the client's. */
  prepare(name: string, parse: Buffer, fate: Fate): boolean {
    if (this.#prepared.delete(name)) {
      this.#prepared.add(name);
      return false;
    }
    this.#closeOldest();
    this.#prepared.add(name);
    this.#isUnsynced = true;
    this.#answers.add(fate, name);
    this.write(parse);
    return true;
  }

  write(bytes: Buffer): void {
    writeThrough(this.#user?.socket, this.socket, bytes);
  }

  cancelStarted(): void {
    this.#cancels++;
  }

  cancelArrived(): void {
    this.#cancels--;
    this.#tellIfFree();
  }

  #closeOldest(): void {
    const oldest = this.#prepared.keys().next();
    if (this.#prepared.size < preparedLimit || oldest.done === true) return;
    this.#prepared.delete(oldest.value);
    this.send("C", messages.closeStatement(oldest.value), "drop");
  }

  #receive(data: Buffer): void {
    const passed: Buffer[] = [];
    for (const piece of this.#framer.feed(data)) passed.push(this.#passed(piece));
    if (this.#framer.broken) return void this.socket.destroy();
    const user = this.#user;
    if (user !== undefined) writeThrough(this.socket, user.socket, Buffer.concat(passed));
    this.#tellIfFree();
  }

  #tellIfFree(): void {
    if (!this.isClean || this.#cancels > 0) return;
    const user = this.#user;
    this.#user = undefined;
    this.socket.resume();
    user?.backendIsFree();
    if (this.isFree) this.#host.backendIsFree(this);
  }

  /** What of the piece the client gets. */
  #passed(piece: Piece): Buffer {
    if (piece.kind === "body") return piece.bytes;
    switch (piece.message.type) {
      case "1":
      case "2":
      case "3":
        return fateOf(this.#answers.take(), piece.bytes);
      case "K":
        return this.#noteKey(piece.message);
      case "Z":
        this.#noteReady(piece.message);
        return piece.bytes;
      case "S":
        this.#noteParameter(piece);
        return piece.bytes;
      case "C":
        this.#noteCompletion(piece.message);
        return piece.bytes;
      default:
        return piece.bytes;
    }
  }

  /** The client gets a key of its own: which backend its statement will be on is not known yet. */
  #noteKey({ body }: Message): Buffer {
    if (body.length < 4) return empty;
    this.#key = { pid: body.readInt32BE(0), secret: Buffer.from(body.subarray(4)) };
    return this.#user === undefined ? empty : messages.keyData(this.#user.key);
  }

  #noteReady({ body }: Message): void {
    this.#status = String.fromCharCode(body[0] ?? 0);
    for (const name of this.#answers.takeSync()) this.#prepared.delete(name);
  }

  #noteParameter({ bytes, message }: Extract<Piece, { kind: "head" }>): void {
    if (message.totalBytes > bytes.length) return;
    const heldBytes = this.#greeting.reduce((sum, { length }) => sum + length, bytes.length);
    if (this.#status === "" && heldBytes <= greetingLimitBytes) {
      this.#greeting.push(Buffer.from(bytes));
    }
  }

  #noteCompletion({ body }: Message): void {
    const tag = readCString(body, 0)?.text ?? "";
    if (tag === "DISCARD ALL" || tag === "DEALLOCATE ALL") this.#prepared.clear();
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#user?.backendIsGone();
    this.#user = undefined;
    this.#host.backendIsGone(this);
  }
}

function fateOf(fate: Fate, bytes: Buffer): Buffer {
  if (fate === "drop") return empty;
  return fate === "as-parse-complete" ? messages.parseComplete() : bytes;
}

const empty = Buffer.alloc(0);
/** A server that takes nothing any more is given up. */
const lingerMs = 5000;
