import type { CutRule } from "./cut-rule.ts";
import type { Piece } from "./framing.ts";
import type { Statement } from "./statement.ts";

/** The messages that carry an answer's content: DataRow, CommandComplete, ErrorResponse. */
const contentTypes = new Set(["D", "C", "E"]);

/**
 * A cut that waits for the answer to a statement: the answer is dropped as it comes, and the connection is cut at its
 * ReadyForQuery, because only then has the server executed, and outside a block committed, the statement.
 */
export class AnswerCut {
  readonly rule: CutRule;
  readonly statement: Statement;
  /** For `truncate`: how many bytes still pass; undefined until the message that is halved has begun. */
  #leftBytes: number | undefined;
  #begun = false;

  constructor(rule: CutRule, statement: Statement) {
    this.rule = rule;
    this.statement = statement;
  }

  /** Bytes are missing from the client's stream: it cannot go on. */
  get begun(): boolean {
    return this.#begun;
  }

  /** What of the piece is to reach the client, `ready` ReadyForQuery after the connection began. */
  pass(piece: Piece, ready: number): Buffer {
    if (ready < this.statement.answerAfter) return piece.bytes;
    if (this.rule.settings.moment !== "truncate") return this.#passFirst(piece.bytes, 0);
    if (this.#leftBytes === undefined) {
      if (piece.kind === "body" || !contentTypes.has(piece.message.type)) return piece.bytes;
      this.#leftBytes = Math.floor(piece.message.totalBytes / 2);
    }
    const passed = this.#passFirst(piece.bytes, this.#leftBytes);
    this.#leftBytes -= passed.length;
    return passed;
  }

  /** The piece ends the answer. */
  isEnd(piece: Piece, ready: number): boolean {
    const isReady = piece.kind === "head" && piece.message.type === "Z";
    return isReady && ready >= this.statement.answerAfter;
  }

  #passFirst(bytes: Buffer, limitBytes: number): Buffer {
    if (bytes.length > limitBytes) this.#begun = true;
    return bytes.subarray(0, limitBytes);
  }
}
