import type { ModuleTargetSpec } from "../../scenario/target.ts";
import { ModuleTarget } from "../../targets/module/module-target.ts";
import { leaseMsOf } from "../bot-options.ts";
import type { Stage, StageOptions } from "../stage.ts";
import { databaseUrl } from "./database-url.ts";
import { named } from "./named.ts";

/** A queue in a module of the user's. */
export class ModuleStage implements Stage {
  readonly target: ModuleTarget;

  private constructor(target: ModuleTarget) {
    this.target = target;
  }

  static async open(options: StageOptions, { modules }: ModuleTargetSpec): Promise<ModuleStage> {
    const { scenario, planned, environment } = options;
    const { postgres, botAddress, control } = environment;
    const target = await ModuleTarget.open({
      file: named(modules, options, "target.modules"),
      context: {
        databaseUrl: databaseUrl(botAddress, control.schema),
        controlUrl: databaseUrl(postgres.address, control.schema),
        bots: scenario.bots.count,
        leaseMs: leaseMsOf(scenario),
        seed: planned.seed,
      },
      timeoutMs: scenario.deadlines.statementMs,
    });
    return new ModuleStage(target);
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
  }
}
