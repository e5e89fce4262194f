import { BotConnection } from "../service/bot-connection.ts";
import type {
  ConnectionOptions,
  Statement,
  StatementCounter,
  StatementResult,
} from "../service/bot-connection.ts";
import type { Door, Step } from "./door.ts";
import { endOf, isNothing, nothing, statementIn } from "./footprint.ts";
import type { Footprint, OpenTransaction, StatementEffect } from "./footprint.ts";
import { statementName } from "../service/statement-name.ts";
import { advisory } from "./statement-effects.ts";
import type { StatementEffects } from "./statement-effects.ts";

type Holdings = Pick<OpenTransaction, "isOpaque" | "touched">;

const holdsNothing: Holdings = { isOpaque: false, touched: [] };

export interface Gate {
  readonly door: Door;
  readonly effects: StatementEffects;
  /** Steps that commute with every other are carried out at once; false: they are steps like the others. */
  readonly fusesFreeSteps: boolean;
  /** BEGIN goes out together with the statement after it; false: each message is one at which the bot may crash. */
  readonly sendsBeginAhead: boolean;
  /** Commits wait for the disk: the server is to crash, and must not lose what it has acknowledged. */
  readonly isDurable: boolean;
  /** Every schedule has a connection of its own, on which nothing has been prepared. */
  readonly opensAnew: boolean;
  /** A transaction that may have changed something has committed, or may have; `label` is what the witness knows it by. */
  readonly onCommit: (label: string) => void;
}

/** Sessions of bots find a deadlock as soon as there is one, where the server lets us say so. */
const deadlocksAtOnce = "SET deadlock_timeout = '1ms'";

let labels = 0;

const noAnswer: StatementResult = { columns: [], types: [], rows: [], rowCount: 0 };

/**
 * A bot's connection with the door in front of it. Nothing of the bot's code changes.
 *
 * A statement that commits on its own and may change something is carried out as what it is in the server: a
 * transaction of one statement, whose commit is a moment of its own. Between the two others may look, wait and skip.
 */
export class GatedConnection extends BotConnection {
  readonly #gate: Gate;
  #transaction: OpenTransaction | undefined;
  #holds: Holdings = holdsNothing;
  #label = "";
  #pid = 0;
  #before: string[] = [];
  /** BEGIN, as long as it has not been sent. */
  #ahead: string | undefined;

  constructor(options: ConnectionOptions, counter: StatementCounter, gate: Gate) {
    super(options, counter);
    this.#gate = gate;
  }

  get bot(): number {
    return this.#gate.door.bot;
  }

  /** A new schedule begins: what the one before left over is forgotten. */
  async forget(): Promise<void> {
    this.#before = [];
    this.#ahead = undefined;
    this.#holds = holdsNothing;
    if (this.#gate.opensAnew) await this.close();
    if (!this.isOpen) await this.open();
    if (this.#gate.effects.mayLockForSession) {
      await super.query({ text: "SELECT pg_advisory_unlock_all()" });
    }
  }

  /** What others are likely to wait for: what its open transaction has locked or changed, where it found any row. */
  get holds(): Holdings {
    return this.#holds;
  }

  /**
   * A schedule was called off. A cancel that was meant for a statement may have met the ROLLBACK after it, and left the
   * transaction open for the next schedule to fail in.
   */
  async makeSureNothingIsOpen(): Promise<void> {
    if (!this.isOpen) return;
    await super.query({ text: "ROLLBACK" }).catch(() => this.abandon());
  }

  /** Everything has been called off: nothing more is carried out. */
  get isCalledOff(): boolean {
    return this.#gate.door.isClosed;
  }

  /** It has begun a transaction that is not over. */
  get isInTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** The server's process that serves it. */
  get pid(): number {
    return this.#pid;
  }

  override async open(): Promise<void> {
    if (this.isOpen) return;
    await super.open();
    this.#transaction = undefined;
    this.#ahead = undefined;
    // Where nothing outlives the server, waiting for the disk would only take time.
    if (!this.#gate.isDurable) await super.query({ text: "SET synchronous_commit = off" });
    await super.query({ text: deadlocksAtOnce }).catch(() => undefined);
    const { rows } = await super.query({ text: "SELECT pg_backend_pid()" });
    this.#pid = Number(rows[0]?.[0]);
  }

  override async query(statement: Statement): Promise<StatementResult> {
    const control = controlOf(statement.text);
    if (control?.kind === "begin") return await this.#begin(statement, control.level);
    if (control?.kind === "end") return await this.#end(statement);
    const effect = await this.#gate.effects.of(statement);
    // An advisory lock belongs to no transaction, or to one that is over with the statement.
    const changed = [...effect.locks, ...effect.adds];
    const isWhole = !effect.isOpaque && changed.every((place) => place === advisory);
    if (this.#transaction === undefined && !isWhole) return await this.#alone(statement);
    const transaction = this.#transaction ?? newTransaction("read committed");
    const footprint = statementIn(transaction, effect);
    const after = touchedAfter(transaction, footprint, effect);
    if (this.#transaction === undefined) return await this.#pass(statement, footprint);
    this.#transaction = after;
    const onError: Footprint = { ...footprint, publishes: after.touched };
    try {
      const answer = await this.#pass(statement, footprint, onError);
      if (answer.rowCount > 0) this.#holds = after;
      return answer;
    } catch (error) {
      // It is rolled back already, as far as others can tell.
      this.#transaction = { ...after, touched: [] };
      this.#holds = holdsNothing;
      throw error;
    }
  }

  async #begin(statement: Statement, level: OpenTransaction["level"]): Promise<StatementResult> {
    if (this.#gate.fusesFreeSteps) {
      this.#before.push(statement.text);
      await this.#open(statement.text, level);
      return noAnswer;
    }
    const carryOut = (): Promise<StatementResult> =>
      super.query({ text: this.#opening(statement.text, level) });
    return await this.#gate.door.pass(this.#stepOf(statement, nothing, nothing), carryOut);
  }

  async #open(text: string, level: OpenTransaction["level"]): Promise<void> {
    const opening = this.#opening(text, level);
    if (this.#gate.sendsBeginAhead) this.#ahead = opening;
    else await super.query({ text: opening });
  }

  #opening(text: string, level: OpenTransaction["level"]): string {
    this.#transaction = newTransaction(level);
    this.#label = `${++labels}`;
    return `${text}; SET LOCAL doubletake.transaction = '${this.#label}'`;
  }

  async #send(statement: Statement): Promise<StatementResult> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return await super.query({ ...statement, ahead });
  }

  async #end(statement: Statement): Promise<StatementResult> {
    const transaction = this.#transaction ?? newTransaction("read committed");
    const footprint = endOf(transaction, this.#gate.effects.checksLate);
    const isRollback = /^\s*(rollback|abort)/i.test(statement.text);
    const label = this.#label;
    this.#transaction = undefined;
    // Whatever was called off must still be undone.
    if (isRollback && this.#gate.door.isClosed) return await this.#undo();
    try {
      return await this.#pass(statement, footprint);
    } finally {
      this.#holds = holdsNothing;
      // Where the answer was lost it may have committed; a label that the log does not have says nothing.
      if (!isRollback) this.#gate.onCommit(label);
    }
  }

  async #alone(statement: Statement): Promise<StatementResult> {
    this.#before.push("BEGIN");
    await this.#open("BEGIN", "read committed");
    try {
      const result = await this.query(statement);
      await this.#end({ text: "COMMIT" });
      return result;
    } catch (error) {
      this.#transaction = undefined;
      this.#before.push("ROLLBACK");
      if (this.isOpen) await this.#undo();
      throw error;
    }
  }

  /** A transaction that never began needs no end. */
  async #undo(): Promise<StatementResult> {
    const hasBegun = this.#ahead === undefined;
    this.#ahead = undefined;
    return hasBegun ? await super.query({ text: "ROLLBACK" }) : noAnswer;
  }

  async #pass(
    statement: Statement,
    footprint: Footprint,
    onError: Footprint = footprint,
  ): Promise<StatementResult> {
    const { door, fusesFreeSteps } = this.#gate;
    const carryOut = (): Promise<StatementResult> => this.#send(statement);
    if (fusesFreeSteps && isNothing(footprint)) {
      this.#before.push(statement.text);
      return await carryOut();
    }
    return await door.pass(this.#stepOf(statement, footprint, onError), carryOut);
  }

  #stepOf(statement: Statement, footprint: Footprint, onError: Footprint): Step {
    const before = this.#before;
    this.#before = [];
    return { name: statementName(statement), statement, before, footprint, onError };
  }
}

function newTransaction(level: OpenTransaction["level"]): OpenTransaction {
  return { level, hasBegun: false, isOpaque: false, touched: [] };
}

function touchedAfter(
  transaction: OpenTransaction,
  footprint: Footprint,
  { adds }: StatementEffect,
): OpenTransaction {
  return {
    ...transaction,
    hasBegun: true,
    isOpaque: transaction.isOpaque || footprint.isOpaque,
    touched: [...transaction.touched, ...footprint.locks, ...adds],
  };
}

type Control =
  | { readonly kind: "begin"; readonly level: OpenTransaction["level"] }
  | { readonly kind: "end" };

/** Statements that begin or end a transaction and do nothing else; whatever else there is, is a statement like others. */
function controlOf(text: string): Control | undefined {
  if (!/^\s*(?:begin|start|commit|end|rollback|abort)\b/i.test(text)) return undefined;
  const words = text.trim().replace(/;$/, "").toLowerCase().split(/\s+/).join(" ");
  if (words.includes(";")) return undefined;
  if (/^(commit|end|rollback|abort)( work| transaction)?$/.test(words)) return { kind: "end" };
  if (!/^(begin|start transaction)\b/.test(words)) return undefined;
  const level = levels.find((each) => words.includes(each));
  return { kind: "begin", level: level ?? "read committed" };
}

const levels = ["repeatable read", "serializable"] as const;
