import type { Random } from "../../base/random.ts";
import type { Cut } from "../cut.ts";
import type { Direction } from "../direction.ts";
import type { Toxic } from "../toxic.ts";
import { AnswerCut } from "./answer-cut.ts";
import { CutRule } from "./cut-rule.ts";
import { MessageCut, passingBytes } from "./message-cut.ts";
import { MessageFramer } from "./framing.ts";
import type { Message, Piece } from "./framing.ts";
import { clientNoted, sqlBytes, StatementTracker } from "./statement.ts";
import type { Statement } from "./statement.ts";

/** What a session needs of the connection it listens to. */
export interface SessionHost {
  /** Passes bytes on in that direction, through the toxics of its link. */
  forward(direction: Direction, data: Buffer): void;
  cut(cut: Cut): void;
  recordCut(toxic: Toxic, detail: Readonly<Record<string, unknown>>): void;
  /** Tells the reader of the event log of a message that passes. */
  recordMessage(toxic: Toxic, detail: Readonly<Record<string, unknown>>): void;
  /** Tells the reader of the event log why a toxic cannot act. */
  notice(toxic: Toxic, message: string): void;
  /** There is nothing to see any more: bytes need not come here. */
  detach(): void;
}

/**
 * - `startup`: the client's next packet has no type byte
 * - `negotiating`: it asked for encryption; the server answers with one byte
 * - `messages`: the protocol proper
 * - `opaque`: encrypted, a cancel request, or not PostgreSQL at all
 * - `over`: cut; what still comes is dropped
 */
type Phase = "startup" | "negotiating" | "messages" | "opaque" | "over";

/** A ReadyForQuery and a BackendKeyData are wholly in the head of their messages. */
const serverHeadBodyBytes = 8;

/**
 * Listens to both directions of a connection that may be PostgreSQL's from its first byte, so that a cut that is added
 * later knows the backend's pid, the prepared statements and where messages begin. While there is no cut, chunks pass as
 * they are.
 */
export class PostgresSession {
  readonly #host: SessionHost;
  readonly #client = new MessageFramer({
    headBodyBytes: sqlBytes,
    untyped: true,
    noted: clientNoted,
  });
  readonly #server = new MessageFramer({
    headBodyBytes: serverHeadBodyBytes,
    untyped: false,
    noted: "KZ",
  });
  readonly #tracker = new StatementTracker();
  #rules: readonly CutRule[] = [];
  #answerCut: AnswerCut | MessageCut | undefined;
  #phase: Phase = "startup";
  #opaqueReason = "";
  #pid: number | undefined;
  /** The toxic that cut the connection silently, for as long as the sockets stay open. */
  #silencedBy: Toxic | undefined;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Of the server process that serves the connection; from its BackendKeyData. */
  get pid(): number | undefined {
    return this.#pid;
  }

  get isEncrypted(): boolean {
    return this.#opaqueReason === encrypted;
  }

  addRule(toxic: Toxic, random: Random): void {
    if (this.#phase === "opaque") this.#host.notice(toxic, this.#opaqueReason);
    this.#rules = [...this.#rules, new CutRule(toxic, random)];
  }

  updateRule(toxic: Toxic): void {
    this.#rules.find((rule) => rule.toxic === toxic)?.update();
  }

  hasRule(toxic: Toxic): boolean {
    return this.#rules.some((rule) => rule.toxic === toxic);
  }

  /** True: the toxic has left a hole in the connection's streams, which must not go on. */
  removeRule(toxic: Toxic): boolean {
    this.#rules = this.#rules.filter((rule) => rule.toxic !== toxic);
    if (this.#silencedBy === toxic) return true;
    if (this.#answerCut?.rule.toxic === toxic) {
      if (this.#answerCut.begun) return true;
      this.#answerCut = undefined;
    }
    if (!this.#isActive()) this.#passCarried();
    return false;
  }

  fromClient(data: Buffer): void {
    if (this.#phase === "over") return;
    if (this.#phase === "opaque") return this.#host.forward("upstream", data);
    if (!this.#isActive()) return this.#observe("upstream", data);
    const passed: Buffer[] = [];
    for (const piece of this.#client.feed(data)) {
      if (piece.kind === "head" && this.#cutsAtRequest(piece, passed)) return;
      if (piece.kind === "head" && !this.#admit(piece.message, passed)) {
        if (this.#isOver()) return;
        continue;
      }
      passed.push(piece.bytes);
    }
    this.#forward("upstream", passed);
    this.#checkFraming();
  }

  fromServer(data: Buffer): void {
    if (this.#phase === "over") return;
    if (this.#phase === "opaque") return this.#host.forward("downstream", data);
    if (this.#phase !== "messages") return this.#beforeMessages(data);
    if (!this.#isActive()) return this.#observe("downstream", data);
    const passed: Buffer[] = [];
    for (const piece of this.#server.feed(data)) {
      if (piece.kind === "head") this.#noteAnswer(piece.message);
      const answer = this.#answerCut;
      passed.push(answer?.pass(piece, this.#tracker.ready) ?? piece.bytes);
      const isEnd = answer?.isEnd(piece, this.#tracker.ready) === true;
      if (piece.kind === "head") this.#noteServer(piece.message);
      if (answer !== undefined && isEnd) {
        const statement = answer instanceof AnswerCut ? answer.statement : undefined;
        return this.#cut(answer.rule, statement, passed);
      }
    }
    this.#forward("downstream", passed);
    this.#checkFraming();
  }

  /** A source has ended: what was carried of an unfinished message goes on before the end does. */
  end(): void {
    if (this.#phase !== "over") this.#passCarried();
  }

  #isActive(): boolean {
    return this.#rules.length > 0 || this.#answerCut !== undefined;
  }

  /** Asked in places where the compiler still believes the phase of before. */
  #isOver(): boolean {
    return this.#phase === "over";
  }

  /** Nothing to decide: the chunk passes whole, and is only read. */
  #observe(direction: Direction, data: Buffer): void {
    if (direction === "upstream")
      this.#client.observe(data, (message) => this.#noteClient(message));
    else this.#server.observe(data, (message) => this.#noteServer(message));
    this.#host.forward(direction, data);
    this.#checkFraming();
  }

  #noteClient(message: Message): void {
    if (message.type === "") this.#noteStartup(message);
    else this.#tracker.fromClient(message);
  }

  #noteServer(message: Message): void {
    if (message.type === "K" && message.body.length >= 4) this.#pid = message.body.readInt32BE(0);
    this.#tracker.fromServer(message);
  }

  /** Whether the connection has been cut at this message of the client. `passed`: what goes before it. */
  #cutsAtRequest(piece: Extract<Piece, { kind: "head" }>, passed: readonly Buffer[]): boolean {
    const rule = this.#reached("request", piece.message);
    if (rule === undefined || this.#answerCut !== undefined) return false;
    rule.toxic.cuts++;
    const part = piece.bytes.subarray(0, passingBytes(rule, piece));
    this.#forward("upstream", [...passed, part]);
    this.#cut(rule, undefined, []);
    return true;
  }

  #noteAnswer(message: Message): void {
    const rule = this.#reached("answer", message);
    if (rule === undefined || this.#answerCut !== undefined) return;
    rule.toxic.cuts++;
    this.#answerCut = new MessageCut(rule);
  }

  /** The rule that cuts at the message, if one does; those that listen are told of it. */
  #reached(moment: "request" | "answer", { type, totalBytes }: Message): CutRule | undefined {
    // The startup's messages have no type.
    if (type === "") return undefined;
    let reached: CutRule | undefined;
    for (const rule of this.#rules) {
      if (rule.listens) this.#host.recordMessage(rule.toxic, { moment, type, bytes: totalBytes });
      if (rule.reaches(moment)) reached ??= rule;
    }
    return reached;
  }

  /** Whether a message may reach the server. `passed`: what goes before it. */
  #admit(message: Message, passed: Buffer[]): boolean {
    if (message.type === "") return this.#admitStartup(message);
    const statement = this.#tracker.fromClient(message);
    if (statement === undefined || this.#answerCut !== undefined) return true;
    const rule = this.#rules.find((candidate) => candidate.actsOn(statement));
    if (rule === undefined) return true;
    rule.toxic.cuts++;
    const { moment } = rule.settings;
    if (moment === "before" || moment === "commit-withheld") {
      this.#forward("upstream", passed);
      this.#cut(rule, statement, []);
      return false;
    }
    this.#answerCut = new AnswerCut(rule, statement);
    return true;
  }

  /** Encryption would hide the messages: the client is told that there is none, and goes on without or gives up. */
  #admitStartup(message: Message): boolean {
    if (!encryptionRequests.has(startupCode(message))) {
      this.#noteStartup(message);
      return true;
    }
    for (const { toxic } of this.#rules) {
      this.#host.notice(toxic, "encryption was refused, because it would hide the messages");
    }
    this.#host.forward("downstream", Buffer.from("N"));
    return false;
  }

  #noteStartup(message: Message): void {
    const code = startupCode(message);
    if (encryptionRequests.has(code)) this.#phase = "negotiating";
    else if (code >> 16 === protocolMajor) this.#begin();
    else if (code === cancelRequest) this.#turnOpaque("it is a cancel request");
    else this.#turnOpaque(notPostgres);
  }

  #begin(): void {
    this.#phase = "messages";
    this.#client.expectUntyped(false);
  }

  /** The server speaks before the client has begun: it answers a request for encryption, or is no PostgreSQL. */
  #beforeMessages(data: Buffer): void {
    if (this.#phase === "negotiating") {
      const refused = data[0] === "N".charCodeAt(0);
      if (refused) this.#phase = "startup";
      else this.#turnOpaque(encrypted);
    } else this.#turnOpaque(notPostgres);
    this.#host.forward("downstream", data);
  }

  #checkFraming(): void {
    if (this.#client.broken || this.#server.broken) this.#turnOpaque(notPostgres);
  }

  #turnOpaque(reason: string): void {
    this.#phase = "opaque";
    this.#opaqueReason = reason;
    for (const { toxic } of this.#rules) this.#host.notice(toxic, reason);
    this.#host.detach();
  }

  #forward(direction: Direction, pieces: Buffer[]): void {
    const bytes = pieces.filter((piece) => piece.length > 0);
    const [first] = bytes;
    if (first !== undefined) {
      this.#host.forward(direction, bytes.length === 1 ? first : Buffer.concat(bytes));
    }
  }

  #passCarried(): void {
    this.#forward("upstream", [this.#client.release()]);
    this.#forward("downstream", [this.#server.release()]);
  }

  /** `passed`: what the client still gets. */
  #cut({ toxic, settings }: CutRule, statement: Statement | undefined, passed: Buffer[]): void {
    this.#phase = "over";
    this.#forward("downstream", passed);
    const { moment, side, how, message } = settings;
    if (how === "silent" || side !== "both") this.#silencedBy = toxic;
    const at = statement === undefined ? { message } : placeOf(statement);
    const detail = { moment, side, how, ...at, pid: this.#pid };
    this.#host.recordCut(toxic, detail);
    this.#host.cut({ side, how, reason: `toxic ${toxic.name}`, afterHeldData: true });
  }
}

const encrypted = "it is encrypted: connect with sslmode=disable and gssencmode=disable";
const notPostgres = "it does not speak PostgreSQL's protocol";
const protocolMajor = 3;
const cancelRequest = 80_877_102;
/** SSLRequest and GSSENCRequest. */
const encryptionRequests = new Set([80_877_103, 80_877_104]);

function placeOf({ ordinal, transaction, name }: Statement) {
  return { statement: ordinal, transaction, name };
}

function startupCode({ body }: Message): number {
  return body.length >= 4 ? body.readInt32BE(0) : 0;
}
