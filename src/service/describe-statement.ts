import type { Client, Connection, PoolClient, Submittable } from "pg";

/** What PostgreSQL says of a statement without running it. */
export interface StatementDescription {
  /** Names of the columns it returns; empty where it returns no rows. */
  readonly columns: readonly string[];
}

/** The part of `pg`'s connection that its types leave out: the extended query protocol, message by message. */
interface ProtocolConnection {
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  describe(message: { type: "S" | "P"; name: string }): void;
  sync(): void;
}

/**
 * Parse and Describe of the extended query protocol: checks syntax, tables, columns and parameters, and tells the
 * result's columns; nothing is executed. Throws `pg`'s DatabaseError, whose `position` counts characters from 1.
 */
export function describeStatement(
  client: Client | PoolClient,
  text: string,
): Promise<StatementDescription> {
  return new Promise((resolve, reject) => {
    client.query(new Describe(text, resolve, reject));
  });
}

class Describe implements Submittable {
  /** Set by the client where it has a deadline for queries: calling it takes the deadline off. */
  callback: (() => void) | undefined;
  readonly #text: string;
  readonly #resolve: (description: StatementDescription) => void;
  readonly #reject: (error: Error) => void;
  #columns: readonly string[] = [];
  #error: Error | undefined;

  constructor(
    text: string,
    resolve: (description: StatementDescription) => void,
    reject: (error: Error) => void,
  ) {
    this.#text = text;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    const protocol = connection as unknown as ProtocolConnection;
    protocol.parse({ name: "", text: this.#text, types: [] });
    protocol.describe({ type: "S", name: "" });
    protocol.sync();
  }

  handleRowDescription(message: { readonly fields: readonly { readonly name: string }[] }): void {
    this.#columns = message.fields.map((field) => field.name);
  }

  handleError(error: Error): void {
    this.#error = error;
    this.#reject(error);
    this.callback?.();
  }

  handleReadyForQuery(): void {
    this.callback?.();
    if (this.#error === undefined) this.#resolve({ columns: this.#columns });
  }
}
