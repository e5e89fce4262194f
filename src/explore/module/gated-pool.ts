import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { callbackify } from "node:util";
import type { Pool, PoolClient, QueryResult } from "pg";
import type { AnswerCallback, BotClient } from "./bot-client.ts";
import type { Conversation } from "./conversation.ts";
import type { Misuse } from "./misuse.ts";
import { queryOf } from "./query.ts";
import type { SetUp } from "./set-up.ts";

type Lent = BotClient | PoolClient;
type LentCallback = (error: Error | null, client: Lent, release: () => void) => void;

/**
 * The pool that a module is opened with. Whose call it is that asks is known by the line of asynchronous calls that leads
 * there (`AsyncLocalStorage`), through whatever libraries: so each bot speaks by its own connection. Before the first bot
 * moves, it is that of the set-up.
 */
export class GatedPool extends EventEmitter {
  readonly #asking = new AsyncLocalStorage<Conversation | "aside">();
  readonly #setUp: SetUp;
  readonly #misuse: Misuse;
  /** For code that looks. */
  readonly totalCount = 1;
  readonly idleCount = 0;
  readonly waitingCount = 0;
  readonly ended = false;

  constructor(setUp: SetUp, misuse: Misuse) {
    super();
    this.#setUp = setUp;
    this.#misuse = misuse;
  }

  /** Whatever is asked for meanwhile is said in this conversation. */
  during<T>(conversation: Conversation, part: () => Promise<T>): Promise<T> {
    return this.#asking.run(conversation, part);
  }

  /** Whatever is asked for meanwhile is no bot's affair, and takes no part in the order. */
  aside<T>(part: () => Promise<T>): Promise<T> {
    return this.#asking.run("aside", part);
  }

  get conversation(): Conversation | undefined {
    const asking = this.#asking.getStore();
    return asking === "aside" ? undefined : asking;
  }

  connect(callback?: LentCallback): Promise<Lent> | undefined {
    const lent = this.#connected();
    if (callback === undefined) return lent;
    callbackify(() => lent)((error, client) => callback(error, client, () => client.release()));
    return undefined;
  }

  query(first: unknown, ...rest: readonly unknown[]): Promise<QueryResult> | undefined {
    const callback = rest.at(-1);
    const answer = this.#answered(first, rest[0]);
    if (typeof callback !== "function") return answer;
    callbackify(() => answer)(callback as AnswerCallback);
    return undefined;
  }

  /** Its connections are needed again for the next schedule. */
  async end(): Promise<void> {
    this.removeAllListeners();
  }

  async #connected(): Promise<Lent> {
    return (await this.conversation?.connect()) ?? (await this.#pool().connect());
  }

  async #answered(first: unknown, values: unknown): Promise<QueryResult> {
    const { conversation } = this;
    if (conversation !== undefined) {
      return await conversation.query(queryOf(first, values, this.#misuse));
    }
    const bound = Array.isArray(values) ? (values as unknown[]) : undefined;
    return await this.#pool().query(first as string, bound);
  }

  #pool(): Pick<Pool, "connect" | "query"> {
    if (!this.#setUp.isOver || this.#asking.getStore() === "aside") return this.#setUp;
    throw this.#misuse.note(
      "it sends a statement that belongs to no bot's call: by a timer or other work in the background",
      "a claim is all that happens while claim() is awaited",
    );
  }
}
