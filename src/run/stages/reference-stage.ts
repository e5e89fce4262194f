import { seededRandom } from "../../base/random.ts";
import { dealJobs } from "../../plan/deal-jobs.ts";
import { wakeOf } from "../../scenario/wake.ts";
import { checkStrategy } from "../../service/check-strategy.ts";
import { tellOfJobs } from "../../service/job-notices.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import type { Strategy } from "../../service/strategy.ts";
import { endPooledBackends } from "../../service/pooled-backends.ts";
import { freshTables, registerBots, settleTables } from "../../service/tables.ts";
import { ReferenceTarget } from "../../targets/reference/reference-target.ts";
import type { SessionOptions } from "../../service/bot-sessions.ts";
import { TimedConnection } from "../../service/timed-connection.ts";
import { leaseMsOf, retryPolicyOf } from "../bot-options.ts";
import type { Stage, StageOptions, StatementNotes } from "../stage.ts";

/** Tables of ours, with the strategy of the round on them. */
export class ReferenceStage implements Stage {
  readonly target: ReferenceTarget;
  /** The names that the strategy's steps provide, once it has been held against the tables. */
  provided: ReadonlySet<string> = new Set();
  readonly #options: StageOptions;

  constructor(options: StageOptions, connections = options.scenario.bots.connections) {
    const { scenario, strategy, environment, planned } = options;
    if (strategy === null) throw new Error(`a round of the reference service has no strategy`);
    this.#options = options;
    this.target = new ReferenceTarget({
      strategy,
      control: environment.control,
      address: environment.botAddress,
      bots: scenario.bots.count,
      connections,
      statementMs: scenario.deadlines.statementMs,
      pool: environment.pool,
      leaseMs: leaseMsOf(scenario),
      jobsPerBot: scenario.claims?.limit ?? 1,
      deck: dealJobs(scenario, seededRandom(planned.seed, "jobs")),
      retry: retryPolicyOf(scenario, planned.seed),
      clocks: options.clocks,
      onConnection: options.onConnection,
      ...(options.statements && { makeConnection: timed(strategy, options.statements) }),
    });
  }

  async clear(): Promise<void> {
    const { scenario, environment, planned, strategy } = this.#options;
    if (environment.pool !== undefined) await endPooledBackends(environment.control);
    const tables = { constraints: planned.constraints, ...(strategy === null ? {} : { strategy }) };
    await freshTables(environment.control, tables);
    const isTold = wakeOf(scenario, planned.role)?.kind === "notify";
    if (isTold) await tellOfJobs(environment.control);
  }

  async prepare(): Promise<void> {
    const { environment, strategy, scenario } = this.#options;
    await registerBots(environment.control, new Lifecycle(), scenario.bots.count);
    this.provided = await checkStrategy(environment.control, strategy as Strategy);
  }

  async settle(): Promise<void> {
    const { control, postgres } = this.#options.environment;
    await settleTables(control, { isOurs: postgres.kind !== "existing" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
  }
}

/** Every bot has a connection of its own, so that the slot is the bot's number. */
function timed(
  { name }: Strategy,
  notes: StatementNotes,
): NonNullable<SessionOptions["makeConnection"]> {
  return (bot, options, counter) =>
    new TimedConnection(options, counter, { bot, prefix: `${name}/`, ...notes });
}
