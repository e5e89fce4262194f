import { Pool } from "pg";
import type { PoolClient, QueryResult } from "pg";
import { withValues } from "../sql-text.ts";
import type { Misuse } from "./misuse.ts";

/** What a module says to the database before the first bot moves: it is taken down, so that others can do the same. */
export class SetUp implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #said: string[] = [];
  readonly #lent = new Set<PoolClient>();
  #isOver = false;

  constructor(url: string) {
    this.#pool = new Pool({ connectionString: url, max: 4 });
    this.#pool.on("error", () => undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Statements with their values written out, in the order in which they were answered. */
  get said(): readonly string[] {
    return this.#said;
  }

  query: Pool["query"] = (async (text: unknown, values?: unknown[]) => {
    return this.#taken(text, values, await this.#pool.query(text as string, values));
  }) as Pool["query"];

  connect: Pool["connect"] = (async () => {
    const client = await this.#pool.connect();
    this.#lent.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<QueryResult>;
    const listening = async (text: unknown, values?: unknown[]): Promise<QueryResult> =>
      this.#taken(text, values, await query(text, values));
    const release = (error?: boolean | Error): void => {
      this.#lent.delete(client);
      client.release(error);
    };
    return new Proxy(client, {
      get: (target, key) => {
        if (key === "query") return listening;
        if (key === "release") return release;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }) as () => Promise<PoolClient>;

  /** From here on the bots have connections of their own. */
  end(misuse: Misuse): void {
    this.#isOver = true;
    if (this.#lent.size === 0) return;
    misuse.note(
      "it keeps a connection of the pool from its set-up",
      "release it, and ask the pool for one in every call",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#lent) client.release(true);
    await this.#pool.end();
  }

  /** Only of the set-up: what is done aside later is no part of how the tables came about. */
  #taken(text: unknown, values: unknown[] | undefined, result: QueryResult): QueryResult {
    const { text: sql, values: own } =
      typeof text === "string"
        ? { text, values: undefined }
        : (text as { text: string; values?: unknown[] });
    if (!this.#isOver) this.#said.push(withValues(sql, values ?? own ?? []).trim());
    return result;
  }
}
