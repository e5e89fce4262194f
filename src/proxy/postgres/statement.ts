import type { Message } from "./framing.ts";

/** A statement a client has sent: a simple Query, or the Bind of a prepared one. */
export interface Statement {
  /** 1 is the first on the connection. */
  readonly ordinal: number;
  /** 1 is the first transaction of the connection. A statement outside a block is a transaction of its own. */
  readonly transaction: number;
  /** The beginning of its text, at most `sqlBytes`. */
  readonly sql: string;
  /** The name of the prepared statement; empty when it has none. */
  readonly name: string;
  readonly endsTransaction: "commit" | "autocommit" | "rollback" | "no";
  /** Its answer comes after that many ReadyForQuery messages. */
  readonly answerAfter: number;
}

/** The client's messages that tell about statements: Query, Parse, Bind, Close, Sync, FunctionCall. */
export const clientNoted = "QPBCSF";
/** How much of a statement's text can be matched. */
export const sqlBytes = 4096;
/** A client that prepares more forgets the oldest here: they can be matched by name only. */
const preparedLimit = 512;

/** Follows the statements and transactions of one connection from the messages of both sides. */
export class StatementTracker {
  readonly #prepared = new Map<string, string>();
  #statements = 0;
  #transactions = 0;
  /** In a transaction block, as far as what was sent tells; the server's ReadyForQuery corrects it. */
  #inBlock = false;
  /** The startup is answered by a ReadyForQuery of its own. */
  #asked = 1;
  #ready = 0;

  /** How many ReadyForQuery have come. */
  get ready(): number {
    return this.#ready;
  }

  /** The statement that the message sends, if it sends one. */
  fromClient({ type, body }: Message): Statement | undefined {
    switch (type) {
      case "Q":
        return this.#simple(cString(body, 0).text);
      case "P":
        this.#prepare(body);
        return undefined;
      case "B":
        return this.#bind(body);
      case "C":
        if (body[0] === 0x53) this.#prepared.delete(cString(body, 1).text);
        return undefined;
      case "S":
      case "F":
        this.#asked++;
        return undefined;
      default:
        return undefined;
    }
  }

  /** To be called when the message is complete. */
  fromServer({ type, body }: Message): void {
    if (type !== "Z") return;
    this.#ready++;
    if (this.#ready >= this.#asked) this.#inBlock = body[0] !== idle;
  }

  #simple(sql: string): Statement {
    const statement = this.#next(sql, "");
    this.#asked++;
    return statement;
  }

  #prepare(body: Buffer): void {
    const name = cString(body, 0);
    this.#prepared.delete(name.text);
    this.#prepared.set(name.text, cString(body, name.end).text);
    if (this.#prepared.size <= preparedLimit) return;
    const oldest = this.#prepared.keys().next();
    if (oldest.done !== true) this.#prepared.delete(oldest.value);
  }

  #bind(body: Buffer): Statement {
    const portal = cString(body, 0);
    const name = cString(body, portal.end).text;
    return this.#next(this.#prepared.get(name) ?? "", name);
  }

  #next(sql: string, name: string): Statement {
    if (!this.#inBlock) this.#transactions++;
    const endsTransaction = ending(sql, this.#inBlock);
    this.#inBlock = endsTransaction === "no";
    return {
      ordinal: ++this.#statements,
      transaction: this.#transactions,
      sql,
      name,
      endsTransaction,
      answerAfter: this.#asked,
    };
  }
}

const idle = "I".charCodeAt(0);
const openers = new Set(["begin", "start"]);
const commits = new Set(["commit", "end"]);
const rollbacks = new Set(["rollback", "abort"]);

function ending(sql: string, inBlock: boolean): Statement["endsTransaction"] {
  const text = sql.slice(leadingSpace(sql));
  const verb = (/^[a-z]+/i.exec(text)?.[0] ?? "").toLowerCase();
  if (commits.has(verb)) return "commit";
  if (rollbacks.has(verb)) return /\bto\b/i.test(text) ? "no" : "rollback";
  return inBlock || openers.has(verb) ? "no" : "autocommit";
}

/** How many characters of white space and comments come first. A loop: a regular expression would backtrack. */
function leadingSpace(sql: string): number {
  for (let i = 0; i < sql.length;) {
    const isLine = sql.startsWith("--", i);
    if (isLine || sql.startsWith("/*", i)) {
      const end = sql.indexOf(isLine ? "\n" : "*/", i + 2);
      if (end < 0) return sql.length;
      i = end + (isLine ? 1 : 2);
    } else if (/\s/.test(sql.charAt(i))) i++;
    else return i;
  }
  return sql.length;
}

/** The text up to the zero byte, or up to the end of what is there of the body. */
function cString(body: Buffer, start: number): { readonly text: string; readonly end: number } {
  const zero = body.indexOf(0, start);
  const stop = zero < 0 ? body.length : zero;
  return { text: body.toString("utf8", start, stop), end: stop + 1 };
}
