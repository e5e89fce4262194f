import { EventEmitter } from "node:events";
import { callbackify } from "node:util";
import type { QueryResult } from "pg";
import type { Misuse } from "./misuse.ts";
import { queryOf } from "./query.ts";
import type { Query } from "./query.ts";

/** How `pg` calls back. */
export type AnswerCallback = (error: Error | null, result: QueryResult) => void;

export interface Lending {
  readonly onRelease: () => void;
  readonly misuse: Misuse;
}

/** What `pool.connect()` gives: a client of `pg`, as far as code that claims jobs knows one. */
export class BotClient extends EventEmitter {
  readonly #ask: (query: Query) => Promise<QueryResult>;
  readonly #lending: Lending;
  #last: Promise<unknown> = Promise.resolve();
  #isReleased = false;

  constructor(ask: (query: Query) => Promise<QueryResult>, lending: Lending) {
    super();
    this.#ask = ask;
    this.#lending = lending;
  }

  /** One after the other, as on every connection. With a function at the end: as `pg` calls it back. */
  query(first: unknown, ...rest: readonly unknown[]): Promise<QueryResult> | undefined {
    const callback = rest.at(-1);
    const answer = this.#send(first, rest[0]);
    if (typeof callback !== "function") return answer;
    callbackify(() => answer)(callback as AnswerCallback);
    return undefined;
  }

  release(): void {
    if (this.#isReleased) {
      const what = "it releases a connection that it has released already";
      throw this.#lending.misuse.note(what, "release it once, in a finally");
    }
    this.takeBack();
  }

  /** As if it had been released. */
  takeBack(): void {
    this.#isReleased = true;
    this.#lending.onRelease();
  }

  async #send(first: unknown, values: unknown): Promise<QueryResult> {
    const { misuse } = this.#lending;
    if (this.#isReleased) {
      const what = "it sends a statement by a connection that it has released";
      throw misuse.note(what, "release it after the last statement");
    }
    const query = queryOf(first, values, misuse);
    const answer = this.#last.then(() => this.#ask(query));
    this.#last = answer.catch(() => undefined);
    return await answer;
  }
}
