import type { Client } from "pg";
import { openConnection } from "../environment/postgres/connection.ts";
import type { FaultContext } from "./fault.ts";

/**
 * A connection of a fault's own, for one that holds a transaction open: should the harness die, the server rolls it
 * back. It does not pass the proxy, and no fault takes it for a bot's.
 */
export class FaultSession {
  readonly #context: FaultContext;
  #client: Client | undefined;

  constructor(context: FaultContext) {
    this.#context = context;
  }

  /** Opens a new one, with the run's schema; one that is open is closed. */
  async open(): Promise<Client> {
    await this.close();
    const { server, control, id } = this.#context;
    const client = await openConnection(server.address, `doubletake-fault-${control.schema}-${id}`);
    this.#client = client;
    await client.query(`SET search_path = ${control.schema}`);
    return client;
  }

  /** The server rolls back what is open, and its locks are free when this returns. Idempotent. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // A transaction that waits for a lock does not read a goodbye; rolling back first frees what it has at once.
    await client?.query("ROLLBACK").catch(() => undefined);
    await client?.end().catch(() => undefined);
  }
}
