import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { InspectDetail, JobRange } from "../../history/event.ts";
import { BotSessions } from "../../service/bot-sessions.ts";
import type { SessionOptions } from "../../service/bot-sessions.ts";
import { runClaim } from "../../service/claim-run.ts";
import type { Claim } from "../../service/claim-run.ts";
import { probeConstraints } from "../../service/constraints.ts";
import type { ControlDatabase } from "../../service/control-database.ts";
import { inspectAgreement, inspectFinal, inspectVerification } from "../../service/inspection.ts";
import { inspectLocks } from "../../service/left-locks.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import type { Held, Settlement, Work } from "../../service/lifecycle.ts";
import type { Failure, Outcome } from "../../service/outcome.ts";
import type { Strategy } from "../../service/strategy.ts";
import { enqueue } from "../../service/tables.ts";
import type { Claimed, Question, Target, TargetCapability } from "../target.ts";

export interface ReferenceTargetOptions extends Omit<SessionOptions, "schema" | "address"> {
  readonly strategy: Strategy;
  readonly control: ControlDatabase;
  /** Where the bots connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  /** How long a claim is good for. */
  readonly leaseMs: number;
  /** Absent: the statements of `sql/lifecycle`. */
  readonly lifecycle?: Lifecycle;
}

const inspections: Readonly<
  Record<Question, (control: ControlDatabase) => Promise<InspectDetail>>
> = {
  agreement: inspectAgreement,
  verification: inspectVerification,
  constraints: probeConstraints,
  locks: inspectLocks,
  final: inspectFinal,
};

/** The reference claim service, in this process: bots call it, it talks to PostgreSQL through the link. */
export class ReferenceTarget implements Target {
  readonly name = "reference";
  readonly capabilities: ReadonlySet<TargetCapability> = new Set(
    Object.keys(inspections) as Question[],
  );
  readonly #options: ReferenceTargetOptions;
  readonly #lifecycle: Lifecycle;
  readonly #sessions: BotSessions;

  constructor(options: ReferenceTargetOptions) {
    this.#options = options;
    this.#lifecycle = options.lifecycle ?? new Lifecycle();
    this.#sessions = new BotSessions({ ...options, schema: options.control.schema });
  }

  async connect(bot: number): Promise<Failure | null> {
    return await this.#sessions.connect(bot);
  }

  async enqueue(count: number): Promise<readonly JobRange[]> {
    return await enqueue(this.#options.control, this.#lifecycle, count);
  }

  async claim(bot: number): Promise<Outcome<readonly Claim[]>> {
    const { strategy, leaseMs } = this.#options;
    const parameters = { bot_id: bot, lease: `${leaseMs} milliseconds`, limit: 1 };
    return await this.#sessions.with(bot, (connection) =>
      runClaim(connection, strategy, parameters),
    );
  }

  async start(bot: number, claim: Claim): Promise<Outcome<Work>> {
    return await this.#sessions.with(bot, (connection) =>
      this.#lifecycle.start(connection, bot, claim),
    );
  }

  async settle(claimed: Claimed, settlement: Settlement): Promise<Outcome<null>> {
    return await this.#sessions.with(claimed.bot, (connection) =>
      this.#lifecycle.settle(connection, claimed, settlement),
    );
  }

  async resume(bot: number): Promise<Outcome<Held>> {
    return await this.#sessions.with(bot, (connection) => this.#lifecycle.resume(connection, bot));
  }

  async inspect(question: Question): Promise<InspectDetail> {
    return await inspections[question](this.#options.control);
  }

  cost(): { readonly statements: number; readonly roundTrips: number } {
    return { ...this.#sessions.counter };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
  }
}
