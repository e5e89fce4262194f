import { Pool } from "pg";
import type { ModuleTargetSpec } from "../../scenario/target.ts";
import { ModuleTarget } from "../../targets/module/module-target.ts";
import { leaseMsOf } from "../bot-options.ts";
import type { Stage, StageOptions } from "../stage.ts";
import { databaseUrl } from "../../environment/postgres/database-url.ts";
import { named } from "./named.ts";

/** A queue in a module of the user's. */
export class ModuleStage implements Stage {
  readonly target: ModuleTarget;
  readonly #pool: Pool;

  private constructor(target: ModuleTarget, pool: Pool) {
    this.target = target;
    this.#pool = pool;
  }

  static async open(options: StageOptions, { modules }: ModuleTargetSpec): Promise<ModuleStage> {
    const { scenario, planned, environment } = options;
    const { postgres, botAddress, control } = environment;
    const url = databaseUrl(botAddress, control.schema);
    const pool = new Pool({ connectionString: url, max: scenario.bots.count });
    // A connection that a fault takes while it is idle is replaced when the next call needs one.
    pool.on("error", () => undefined);
    const target = await ModuleTarget.open({
      file: named(modules, options, "target.modules"),
      context: {
        databaseUrl: url,
        controlUrl: databaseUrl(postgres.address, control.schema),
        schema: control.schema,
        pool,
        bots: scenario.bots.count,
        leaseMs: leaseMsOf(scenario),
        seed: planned.seed,
      },
      timeoutMs: scenario.deadlines.statementMs,
    });
    return new ModuleStage(target, pool);
  }

  async clear(): Promise<void> {
    await this.target.reset();
  }

  async prepare(): Promise<void> {
    // A module learns of a bot when the bot asks for a job.
  }

  async settle(): Promise<void> {
    // What its tables need is the module's affair.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    // The module may have ended it.
    if (!this.#pool.ending) await this.#pool.end();
  }
}
