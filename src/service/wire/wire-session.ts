import { Deadline } from "../../base/deadline.ts";
import { noRows, readError, readRow, readRowCount, readShape } from "./answer.ts";
import type { RowShape, WireAnswer } from "./answer.ts";
import { bindHead, executeRequest, prepareRequest, simpleRequest } from "./request.ts";
import type { PreparedStatement } from "./request.ts";

export interface WireOptions {
  readonly write: (bytes: Buffer) => void;
  /** Bytes that are no part of an answer we wait for: the server speaks of its own accord. */
  readonly onUnasked: (bytes: Buffer) => void;
  /** A statement without an answer for so long is given up. */
  readonly statementMs: number;
}

/** A statement that was prepared on this connection. */
interface Prepared {
  readonly statement: PreparedStatement;
  readonly head: Buffer;
  shape: RowShape;
  isReady: boolean;
}

/** The statement that is being answered. */
interface Pending {
  readonly resolve: (answer: WireAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly prepared: Prepared | undefined;
  /** ReadyForQuery still to come before the statement's own. */
  ahead: number;
}

const headerBytes = 5;

/**
 * Statements on a connection that somebody else has opened, one at a time: what makes bots fast. A claim is one write,
 * and its answer is read from the bytes where they lie, with an object for the row and one for the answer.
 *
 * A statement counts as answered only with ReadyForQuery: before it, an own transaction has not yet committed. So one
 * whose connection ends between its last row and that message is rejected as lost, unless the server has answered
 * with an error, which says that nothing happened.
 */
export class WireSession {
  readonly #options: WireOptions;
  readonly #deadline: Deadline;
  readonly #prepared = new Map<string, Prepared>();
  #pending: Pending | undefined;
  #carry: Buffer | undefined;
  #shape: RowShape = noRows;
  #rows: (readonly unknown[])[] = [];
  #rowCount = 0;
  #error: Error | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.statementMs, () => {
      this.fail(new Error("timeout: the statement was not answered in time"));
    });
  }

  /** A statement has been sent and is not answered. */
  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * Runs a statement without parameters. Rejects with ServerError, or with what `fail` was told.
   *
   * `ahead` goes out in the same write, before the statement, and saves a round trip: for what cannot fail while the connection
   * lasts, such as BEGIN, since the statement is carried out in any case.
   */
  simple(text: string, ahead?: string): Promise<WireAnswer> {
    return this.#ask(simpleRequest(text), undefined, ahead);
  }

  /** Runs a statement, which is prepared under its name the first time; one without a name, anew each time. */
  execute(
    statement: PreparedStatement,
    values: readonly unknown[],
    ahead?: string,
  ): Promise<WireAnswer> {
    const prepared = this.#prepare(statement);
    const run = executeRequest(prepared.head, values);
    const request = prepared.isReady ? run : Buffer.concat([prepareRequest(statement), run]);
    return this.#ask(request, prepared, ahead);
  }

  /** Takes what the server sent, in chunks of any size. */
  take(chunk: Buffer): void {
    const bytes = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = undefined;
    let at = 0;
    while (this.#pending !== undefined && at + headerBytes <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      this.#read(bytes, at, end);
      at = end;
    }
    if (at === bytes.length) return;
    // The chunk may be a buffer that is filled again: what stays is copied.
    if (this.#pending === undefined) this.#options.onUnasked(Buffer.from(bytes.subarray(at)));
    else this.#carry = Buffer.from(bytes.subarray(at));
  }

  /** The connection is of no use any more: whatever waits for an answer is rejected. */
  fail(error: Error): void {
    this.#deadline.stop();
    this.#end(this.#error ?? error);
  }

  #prepare(statement: PreparedStatement): Prepared {
    const known = this.#prepared.get(statement.name);
    if (known?.statement.text === statement.text) return known;
    if (known !== undefined) throw new Error(`"${statement.name}" names two different statements`);
    const head = bindHead(statement.name);
    const prepared = { statement, head, shape: noRows, isReady: false };
    if (statement.name !== "") this.#prepared.set(statement.name, prepared);
    return prepared;
  }

  #ask(request: Buffer, prepared: Prepared | undefined, ahead?: string): Promise<WireAnswer> {
    if (this.#pending !== undefined)
      throw new Error("a connection carries one statement at a time");
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, prepared, ahead: ahead === undefined ? 0 : 1 };
      this.#expectAnswer(prepared);
      this.#error = undefined;
      this.#deadline.set();
      this.#options.write(
        ahead === undefined ? request : Buffer.concat([simpleRequest(ahead), request]),
      );
    });
  }

  #expectAnswer(prepared: Prepared | undefined): void {
    this.#shape = prepared?.shape ?? noRows;
    this.#rows = [];
    this.#rowCount = 0;
  }

  #read(bytes: Buffer, at: number, end: number): void {
    const body = at + headerBytes;
    const type = bytes[at] as number;
    switch (type) {
      case code.dataRow:
        this.#rows.push(readRow(bytes, body, this.#shape.types));
        return;
      case code.commandComplete:
        this.#rowCount = readRowCount(bytes, end);
        return;
      case code.readyForQuery:
        return this.#ready();
      case code.rowDescription:
        return this.#describe(readShape(bytes, body));
      case code.noData:
        return this.#describe(noRows);
      case code.error:
        return this.#takeError(bytes, body);
      default:
        if (!quiet.has(type)) this.#refuse(type);
    }
  }

  #ready(): void {
    const pending = this.#pending;
    if (pending === undefined || pending.ahead === 0) return this.#end(this.#error);
    pending.ahead--;
    this.#expectAnswer(pending.prepared);
  }

  #describe(shape: RowShape): void {
    this.#shape = shape;
    const prepared = this.#pending?.prepared;
    if (prepared === undefined) return;
    prepared.shape = shape;
    prepared.isReady = true;
  }

  #takeError(bytes: Buffer, body: number): void {
    const error = readError(bytes, body);
    this.#error ??= error;
    if (error.isFatal) this.#end(this.#error);
  }

  /** COPY and replication have no place in a claim. */
  #refuse(type: number): void {
    this.#error ??= new Error(
      `an answer of a kind that no bot expects: ${String.fromCharCode(type)}`,
    );
    this.#end(this.#error);
  }

  #end(error: Error | undefined): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#deadline.clear();
    if (error !== undefined) return pending.reject(error);
    const { columns, types } = this.#shape;
    pending.resolve({ columns, types, rows: this.#rows, rowCount: this.#rowCount });
  }
}

const code = {
  dataRow: 0x44,
  commandComplete: 0x43,
  readyForQuery: 0x5a,
  rowDescription: 0x54,
  noData: 0x6e,
  error: 0x45,
} as const;

/** ParseComplete, BindComplete, ParameterDescription, EmptyQueryResponse, and what comes between: notices, parameters. */
const quiet: ReadonlySet<number> = new Set(Buffer.from("12tINSA"));
