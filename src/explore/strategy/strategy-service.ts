import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { RescuedClaim } from "../../history/event.ts";
import type { ControlDatabase } from "../../service/control-database.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import type { ReplacedStatements } from "../../service/lifecycle.ts";
import type { Outcome } from "../../service/outcome.ts";
import type { Strategy } from "../../service/strategy.ts";
import { ReferenceTarget } from "../../targets/reference/reference-target.ts";
import type { GatedConnection } from "../gated-connection.ts";
import type { Part, Service, ServiceOptions } from "../service.ts";

interface StrategyServiceOptions extends ServiceOptions {
  readonly strategy: Strategy;
  readonly control: ControlDatabase;
  readonly address: PostgresAddress;
  readonly leaseMs: number;
}

/** The reference service, with the claim of a strategy. */
export class StrategyService implements Service {
  readonly target: ReferenceTarget;
  readonly fault = undefined;
  readonly #control: ControlDatabase;
  readonly #lifecycle: Lifecycle;

  constructor(options: StrategyServiceOptions) {
    this.#control = options.control;
    this.#lifecycle = new Lifecycle(replacedStatements(options.strategy));
    this.target = new ReferenceTarget({
      ...options,
      lifecycle: this.#lifecycle,
      connections: "per-bot",
      onConnection: () => undefined,
    });
  }

  async play(_part: Part, perform: () => Promise<void>): Promise<void> {
    await perform();
  }

  async rescue(connection: GatedConnection): Promise<Outcome<readonly RescuedClaim[]>> {
    let statements = 0;
    return await this.#lifecycle.rescue({
      query: async (text, values) => {
        const name = ++statements === 1 ? "rescue" : `rescue ${statements}`;
        const { columns, rows } = await connection.query({ name, text, values: values ?? [] });
        return rows.map((row) =>
          Object.fromEntries(columns.map((column, at) => [column, row[at]])),
        );
      },
    });
  }

  async endLeases(): Promise<void> {
    await this.#control.query(
      "UPDATE jobs SET lease_until = clock_timestamp() - interval '1 hour' WHERE lease_until IS NOT NULL",
    );
  }

  abandon(): void {
    // Its statements end with their connections.
  }
}

function replacedStatements({ lifecycle = [] }: Strategy): ReplacedStatements {
  return Object.fromEntries(lifecycle.map(({ replaces, steps }) => [replaces, steps]));
}
