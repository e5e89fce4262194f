import type { QueryResult } from "pg";
import { nothingLeftOpen } from "../judge-schedule.ts";
import type { GatedConnection } from "../gated-connection.ts";
import type { Recording } from "../recording.ts";
import { BotClient } from "./bot-client.ts";
import type { Misuse } from "./misuse.ts";
import { asDriverError, resultOf, statementOf } from "./query.ts";
import type { Query } from "./query.ts";

/** Code that goes on asking after everything was called off would leave no time for anything else. */
const mostRefusals = 20;

/**
 * What the module's code says to the database while one bot plays its part in one schedule: over one connection, which is
 * lent as a pool would lend it.
 */
export class Conversation {
  readonly #connection: GatedConnection;
  readonly #recording: Recording;
  readonly #misuse: Misuse;
  #lent: BotClient | undefined;
  #asksPool = false;
  #refusals = 0;
  #isOver = false;

  constructor(connection: GatedConnection, recording: Recording, misuse: Misuse) {
    this.#connection = connection;
    this.#recording = recording;
    this.#misuse = misuse;
  }

  /** As `pool.connect()`. */
  async connect(): Promise<BotClient> {
    this.#refuseSecond("connect");
    const client = new BotClient((query) => this.#ask(query), {
      onRelease: () => (this.#lent = undefined),
      misuse: this.#misuse,
    });
    this.#lent = client;
    try {
      await this.#opened();
    } catch (error) {
      this.#lent = undefined;
      throw error;
    }
    return client;
  }

  /** As `pool.query()`: on a connection that is lent for one statement. */
  async query(query: Query): Promise<QueryResult> {
    this.#refuseSecond("query");
    this.#asksPool = true;
    try {
      await this.#opened();
      return await this.#ask(query);
    } finally {
      this.#asksPool = false;
    }
  }

  /** A call of the module has come to its end. What it left open would be the next one's: it is told of, and ended. */
  async afterCall(name: string): Promise<void> {
    if (this.#connection.isCalledOff) return;
    const left = [
      ...(this.#lent === undefined ? [] : ["its connection is not released"]),
      ...(this.#connection.isOpen && this.#connection.isInTransaction
        ? ["its transaction is still open"]
        : []),
    ];
    this.#lent?.takeBack();
    if (left.length === 0) return;
    const how = `bot ${this.#connection.bot}'s ${name} has come to its end, and ${left.join(", and ")}`;
    this.#recording.noteBroken(nothingLeftOpen, how);
    if (!this.#connection.isOpen || !this.#connection.isInTransaction) return;
    // As the server does for a connection that is thrown away.
    await this.#connection.query({ text: "ROLLBACK" }).catch(() => undefined);
  }

  /** The part is over: nobody is asked for anything any more. */
  end(): void {
    this.#isOver = true;
  }

  async #opened(): Promise<void> {
    if (!this.#connection.isOpen && !this.#isOver) await this.#connection.open();
  }

  async #ask(query: Query): Promise<QueryResult> {
    if (this.#connection.isCalledOff || this.#isOver) await this.#refuse();
    try {
      return resultOf(await this.#connection.query(statementOf(query)), query);
    } catch (error) {
      if (error instanceof RangeError) throw this.#misuse.note(error.message, "SELECT id::text …");
      throw asDriverError(error);
    }
  }

  async #refuse(): Promise<void> {
    if (++this.#refusals > mostRefusals) await new Promise(() => undefined);
    if (!this.#isOver) return;
    if (!this.#connection.isCalledOff) {
      this.#misuse.note(
        "it sends statements after its calls have come to their end: by a timer or other work in the background",
        "await everything that a call begins",
      );
    }
    throw Object.assign(new Error("the schedule is over"), { code: "57014" });
  }

  /** With two connections at once a bot would be two, and which of them goes first nobody would explore. */
  #refuseSecond(call: string): void {
    const what =
      this.#lent !== undefined
        ? `it calls pool.${call}() while it holds a connection that the pool has lent it`
        : this.#asksPool
          ? `it calls pool.${call}() while a statement of the same bot is under way`
          : undefined;
    if (what === undefined) return;
    throw this.#misuse.note(what, "explore has one connection for each bot: use one at a time");
  }
}
