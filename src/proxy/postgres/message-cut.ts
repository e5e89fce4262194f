import type { CutRule } from "./cut-rule.ts";
import type { Piece } from "./framing.ts";

/** How many bytes of a message pass, of which the head has come: never all. */
export function passingBytes(
  { settings }: CutRule,
  head: Extract<Piece, { kind: "head" }>,
): number {
  if (settings.part === "none") return 0;
  return Math.min(Math.floor(head.message.totalBytes / 2), head.bytes.length);
}

/**
 * A cut at a message of the server: that one and what follows it are dropped, and the connection is cut at the next
 * ReadyForQuery, because only then has the server executed, and outside a block committed, the statement.
 */
export class MessageCut {
  readonly rule: CutRule;
  /** Bytes are missing from the client's stream from the beginning on. */
  readonly begun = true;
  #hasCome = false;

  constructor(rule: CutRule) {
    this.rule = rule;
  }

  pass(piece: Piece): Buffer {
    const isFirst = !this.#hasCome;
    this.#hasCome = true;
    const limit = isFirst && piece.kind === "head" ? passingBytes(this.rule, piece) : 0;
    return piece.bytes.subarray(0, limit);
  }

  isEnd(piece: Piece): boolean {
    return piece.kind === "head" && piece.message.type === "Z";
  }
}
