import type { HarnessError } from "../../base/harness-error.ts";
import type { RescuedClaim } from "../../history/event.ts";
import { botApplication } from "../../service/bot-sessions.ts";
import type { Outcome } from "../../service/outcome.ts";
import type { ModuleTarget } from "../../targets/module/module-target.ts";
import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { GatedConnection } from "../gated-connection.ts";
import type { Part, Service, ServiceOptions } from "../service.ts";
import { Conversation } from "./conversation.ts";
import type { GatedPool } from "./gated-pool.ts";
import type { Misuse } from "./misuse.ts";

interface ModuleServiceOptions extends ServiceOptions {
  readonly target: ModuleTarget;
  readonly pool: GatedPool;
  readonly misuse: Misuse;
  readonly address: PostgresAddress;
  readonly schema: string;
}

/** The queue in a module, whose every statement goes through the connection of the bot that has called. */
export class ModuleService implements Service {
  readonly target: ModuleTarget;
  readonly #options: ModuleServiceOptions;
  readonly #connections: readonly GatedConnection[];
  #leave: (() => void)[] = [];

  constructor(options: ModuleServiceOptions) {
    this.#options = options;
    this.target = options.target;
    const { bots, address, schema, statementMs, makeConnection } = options;
    const counter = { statements: 0, roundTrips: 0 };
    this.#connections = Array.from({ length: bots }, (_, at) => {
      const name = `${botApplication}-${schema}-${at + 1}`;
      const connection = { address, schema, name, statementMs, onEvent: () => undefined };
      return makeConnection(at + 1, connection, counter);
    });
  }

  get fault(): HarnessError | undefined {
    return this.#options.misuse.first;
  }

  async play({ connection, recording }: Part, perform: () => Promise<void>): Promise<void> {
    const { pool, misuse } = this.#options;
    const conversation = new Conversation(connection, recording, misuse);
    const left = new Promise<void>((resolve) => this.#leave.push(resolve));
    try {
      await Promise.race([pool.during(conversation, perform), left]);
    } finally {
      conversation.end();
    }
  }

  async rescue(): Promise<Outcome<readonly RescuedClaim[]>> {
    return await this.target.rescue();
  }

  /**
   * Where the module has leases it says how: nobody waits for them. By then the server has noticed that a client is gone, as
   * it does when the client comes again: else a transaction that nobody ends would be in the way.
   */
  async endLeases(): Promise<void> {
    for (const connection of this.#connections) await connection.open();
    await this.#options.pool.aside(() => this.target.expire());
  }

  abandon(): void {
    for (const leave of this.#leave.splice(0)) leave();
  }
}
