/** What the client gets of an answer: all of it, nothing, or a ParseComplete in its place. */
export type Fate = "pass" | "drop" | "as-parse-complete";

interface Expected {
  readonly kind: "answer" | "sync";
  readonly fate: Fate;
  /** Of a Parse: the statement that is there once it is answered. */
  readonly prepares?: string;
}

/**
 * The answers a backend still owes, in order. Parse, Bind and Close are each answered by one message, unless an error came
 * before: then the server skips all up to the next Sync, and its ReadyForQuery stands for all of them.
 */
export class ExpectedAnswers {
  #queue: Expected[] = [];

  add(fate: Fate, prepares?: string): void {
    this.#queue.push({ kind: "answer", fate, ...(prepares !== undefined && { prepares }) });
  }

  /** A Sync, or a Query: a ReadyForQuery will come. */
  addSync(): void {
    this.#queue.push({ kind: "sync", fate: "pass" });
  }

  /** A ParseComplete, BindComplete or CloseComplete has come. */
  take(): Fate {
    const [first] = this.#queue;
    if (first === undefined || first.kind === "sync") return "pass";
    this.#queue.shift();
    return first.fate;
  }

  /** A ReadyForQuery has come. Returns the statements that were to be prepared before it and were skipped. */
  takeSync(): readonly string[] {
    const at = this.#queue.findIndex(({ kind }) => kind === "sync");
    const skipped = this.#queue.slice(0, at + 1);
    this.#queue = this.#queue.slice(at + 1);
    return skipped.flatMap(({ prepares }) => (prepares === undefined ? [] : [prepares]));
  }

  /** ReadyForQuery messages that are still to come. */
  get syncs(): number {
    return this.#queue.filter(({ kind }) => kind === "sync").length;
  }
}
