import type { Socket } from "node:net";
import { MessageFramer } from "../framing.ts";
import type { Message, Piece } from "../framing.ts";
import type { Backend } from "./backend.ts";
import type { BackendPool, PoolClient } from "./backend-pool.ts";
import { ClientStatements } from "./client-statements.ts";
import { cancelRequest, messages } from "./messages.ts";
import type { BackendKey } from "./messages.ts";

export interface PooledClientHost {
  /** The pool for clients with these startup parameters; undefined when there are too many already. */
  poolFor(startup: Buffer): BackendPool | undefined;
  /** `done`: the request has reached the server, or is about nobody. */
  cancel(key: BackendKey, done: () => void): void;
  left(client: PooledClient): void;
}

/** A statement that is to be prepared again elsewhere is kept whole. */
const headBodyBytes = 1024 * 1024;
/** SSLRequest and GSSENCRequest. */
const encryptionRequests = new Set([80_877_103, 80_877_104]);
/** The rest of a COPY that the server has ended: it would ignore them. */
const copyTypes = new Set(["d", "c", "f"]);

/**
 * - `startup`: its first packet has not come
 * - `login`: it talks to the server over a backend of its own, or waits for another's login
 * - `ready`: it has a backend from the first message of a transaction to the end of it
 */
type Phase = "startup" | "login" | "ready" | "over";

/** A client of a pool. */
export class PooledClient implements PoolClient {
  readonly socket: Socket;
  readonly key: BackendKey;
  readonly #host: PooledClientHost;
  readonly #framer = new MessageFramer({ headBodyBytes, untyped: true, noted: "" });
  readonly #statements = new ClientStatements();
  #phase: Phase = "startup";
  #pool: BackendPool | undefined;
  #backend: Backend | undefined;
  #startup: Buffer = Buffer.alloc(0);
  /** What has come and cannot be passed on yet. */
  #pieces: Piece[] = [];
  #isWaiting = false;
  #isDropping = false;

  constructor(socket: Socket, key: BackendKey, host: PooledClientHost) {
    this.socket = socket;
    this.key = key;
    this.#host = host;
    socket.on("data", (data) => this.#receive(data));
    socket.on("end", () => socket.destroySoon());
    socket.on("error", () => {});
    socket.once("close", () => this.#leave());
  }

  get backend(): Backend | undefined {
    return this.#backend;
  }

  logInOver(backend: Backend): void {
    this.#backend = backend;
    backend.write(this.#startup);
    this.#goOn();
  }

  admit(greeting: Buffer): void {
    this.#phase = "ready";
    const answer = [messages.authenticated(), greeting, messages.keyData(this.key)];
    this.socket.write(Buffer.concat([...answer, messages.ready()]));
    this.#goOn();
  }

  grant(backend: Backend): void {
    this.#isWaiting = false;
    this.#backend = backend;
    this.#goOn();
  }

  /** What still comes is read and dropped: unread, it would make the end a reset, and the client would miss the reason. */
  refuse(code: string, text: string): void {
    this.#phase = "over";
    this.socket.resume();
    this.socket.end(messages.fatal(code, text));
    this.socket.destroySoon();
  }

  backendIsFree(): void {
    if (this.#phase === "login") this.#phase = "ready";
    this.#backend = undefined;
    this.#goOn();
  }

  backendIsGone(): void {
    this.#phase = "over";
    this.#backend = undefined;
    this.socket.destroySoon();
  }

  #goOn(): void {
    this.socket.resume();
    this.#pump();
  }

  #receive(data: Buffer): void {
    if (this.#phase === "over") return;
    for (const piece of this.#framer.feed(data)) {
      if (piece.kind === "head" && piece.message.type === "") this.#start(piece);
      else this.#pieces.push(piece);
    }
    if (this.#framer.broken) return void this.socket.destroy();
    this.#pump();
  }

  #start({ message, bytes }: Extract<Piece, { kind: "head" }>): void {
    const code = message.body.length >= 4 ? message.body.readInt32BE(0) : 0;
    if (encryptionRequests.has(code)) return void this.socket.write("N");
    if (code === cancelRequest) return this.#cancel(message);
    this.#framer.expectUntyped(false);
    this.#phase = "login";
    this.#startup = Buffer.from(bytes);
    this.#pool = this.#host.poolFor(message.body);
    if (this.#pool === undefined) this.refuse("53300", "too many pools: other startup parameters");
    else this.#pool.enter(this);
  }

  #cancel({ body }: Message): void {
    this.#phase = "over";
    if (body.length < 8) return void this.socket.destroy();
    const key = { pid: body.readInt32BE(4), secret: Buffer.from(body.subarray(8)) };
    this.#host.cancel(key, () => this.socket.destroySoon());
  }

  /** Passes on what has come, as far as there is a backend for it. */
  #pump(): void {
    for (let [piece] = this.#pieces; piece !== undefined; [piece] = this.#pieces) {
      if (this.#phase === "over") return;
      if (this.#backend === undefined && this.#phase === "ready" && !this.#isIdle(piece)) {
        this.#askForBackend();
      }
      // Asking may have been answered at once, and the answer has passed the piece on.
      if (this.#pieces[0] !== piece) continue;
      // Nothing more is read meanwhile.
      const isStuck = this.#isWaiting || this.#phase === "login";
      if (this.#backend === undefined && isStuck) return void this.socket.pause();
      this.#pieces.shift();
      this.#pass(piece, this.#backend);
    }
  }

  /** Needs no backend: the end of the session, or what is left of a COPY that is over. */
  #isIdle(piece: Piece): boolean {
    if (piece.kind === "body") return this.#isDropping;
    this.#isDropping = copyTypes.has(piece.message.type);
    return this.#isDropping || piece.message.type === "X";
  }

  #askForBackend(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#pool?.acquire(this);
  }

  #pass(piece: Piece, backend: Backend | undefined): void {
    if (piece.kind === "head" && piece.message.type === "X") return this.socket.destroySoon();
    if (backend === undefined) return;
    if (this.#phase === "login") return backend.write(piece.bytes);
    if (piece.kind === "body") return backend.sendBody(piece.bytes);
    const { message, bytes } = piece;
    backend.expectBody(message.totalBytes - bytes.length);
    if (this.#statements.send(message, bytes, backend)) return;
    this.refuse("54000", `a named statement of more than ${headBodyBytes} bytes`);
  }

  #leave(): void {
    this.#phase = "over";
    this.#pool?.leave(this);
    this.#backend?.abandon();
    this.#backend = undefined;
    this.#host.left(this);
  }
}
