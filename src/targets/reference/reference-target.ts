import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import { seededRandom } from "../../base/random.ts";
import type { Random } from "../../base/random.ts";
import type { EnqueueDetail, InspectDetail, RescuedClaim } from "../../history/event.ts";
import { BotClocks } from "../../service/bot-clocks.ts";
import { BotSessions } from "../../service/bot-sessions.ts";
import type { SessionOptions } from "../../service/bot-sessions.ts";
import { runClaim } from "../../service/claim-run.ts";
import type { Claim } from "../../service/claim-run.ts";
import { probeConstraints } from "../../service/constraints.ts";
import type { ControlDatabase } from "../../service/control-database.ts";
import { inspectAgreement, inspectFinal, inspectVerification } from "../../service/inspection.ts";
import { inspectLocks } from "../../service/left-locks.ts";
import { Lifecycle } from "../../service/lifecycle.ts";
import type {
  Backoff,
  DeadLetter,
  Held,
  ReplacedStatements,
  Settled,
  Settlement,
  Work,
} from "../../service/lifecycle.ts";
import type { Failure, Outcome } from "../../service/outcome.ts";
import type { Strategy } from "../../service/strategy.ts";
import { enqueue } from "../../service/tables.ts";
import type { JobDeck } from "../../service/tables.ts";
import type { Claimed, ClaimWish, Question, Target, TargetCapability } from "../target.ts";

export interface ReferenceTargetOptions extends Omit<SessionOptions, "schema" | "address"> {
  readonly strategy: Strategy;
  readonly control: ControlDatabase;
  /** Where the bots connect: the proxy's side of the link. */
  readonly address: PostgresAddress;
  /** How long a claim is good for. */
  readonly leaseMs: number;
  /** Most jobs that a bot holds at once; absent: one. */
  readonly jobsPerBot?: number;
  /** Absent: all jobs are alike. */
  readonly deck?: JobDeck;
  /** Absent: a failed job may be claimed again at once. */
  readonly retry?: RetryPolicy;
  /** Absent: the statements of `sql/lifecycle`, and those that the strategy has in their place. */
  readonly lifecycle?: Lifecycle;
  /** Absent: all are right. */
  readonly clocks?: BotClocks;
}

/** How long a failed job waits: as in `sql/lifecycle/fail.sql`, in milliseconds. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  /** 0 to 1. */
  readonly jitter: number;
  /** Attempts that a dead job gets when it is redriven. */
  readonly redriveAttempts: number;
  readonly random: Random;
}

const retryAtOnce: RetryPolicy = {
  baseMs: 0,
  capMs: 0,
  jitter: 0,
  redriveAttempts: 1,
  random: seededRandom(0),
};

/** Beyond its end, a lease that nobody rescues within as long again is one that nobody waits for. */
const leastGraceMs = 1_000;

const inspections: Readonly<
  Record<
    Question,
    (control: ControlDatabase, bounds: { jobsPerBot: number }) => Promise<InspectDetail>
  >
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
  readonly capabilities: ReadonlySet<TargetCapability> = new Set([
    ...(Object.keys(inspections) as Question[]),
    "heartbeat",
    "rescue",
    "resume",
    "fail",
    "dead-letters",
  ] as const);
  readonly #options: ReferenceTargetOptions;
  readonly #lifecycle: Lifecycle;
  readonly #lease: string;
  readonly #retry: RetryPolicy;
  readonly #clocks: BotClocks;
  readonly #sessions: BotSessions;

  constructor(options: ReferenceTargetOptions) {
    this.#options = options;
    this.#lifecycle = options.lifecycle ?? new Lifecycle(replacedBy(options.strategy));
    this.#lease = intervalOf(options.leaseMs);
    this.#retry = options.retry ?? retryAtOnce;
    this.#clocks = options.clocks ?? new BotClocks();
    this.#sessions = new BotSessions({ ...options, schema: options.control.schema });
  }

  async connect(bot: number): Promise<Failure | null> {
    return await this.#sessions.connect(bot);
  }

  /** `deck`: other than the round's. */
  async enqueue(count: number, deck = this.#options.deck): Promise<EnqueueDetail> {
    return await enqueue(this.#options.control, this.#lifecycle, count, deck);
  }

  claim(bot: number, wish?: ClaimWish): Promise<Outcome<readonly Claim[]>> {
    const { strategy } = this.#options;
    const { limit = 1, types = null } = wish ?? {};
    const now = this.#clocks.read(bot);
    const parameters = { bot_id: bot, lease: this.#lease, limit, types, now };
    return this.#sessions.with(bot, (connection) => runClaim(connection, strategy, parameters));
  }

  start(bot: number, claim: Claim): Promise<Outcome<Work>> {
    return this.#sessions.with(bot, (connection) => this.#lifecycle.start(connection, bot, claim));
  }

  heartbeat(claimed: Claimed): Promise<Outcome<null>> {
    return this.#sessions.with(claimed.bot, (connection) =>
      this.#lifecycle.heartbeat(connection, claimed, this.#lease),
    );
  }

  settle(claimed: Claimed, settlement: Settlement): Promise<Outcome<Settled>> {
    const backoff = settlement.kind === "fail" ? this.#backoff() : {};
    return this.#sessions.with(claimed.bot, (connection) =>
      this.#lifecycle.settle(connection, claimed, { ...settlement, ...backoff }),
    );
  }

  resume(bot: number): Promise<Outcome<readonly Held[]>> {
    return this.#sessions.with(bot, (connection) => this.#lifecycle.resume(connection, bot));
  }

  async rescue(): Promise<Outcome<readonly RescuedClaim[]>> {
    return await this.#lifecycle.rescue(this.#options.control);
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return await this.#lifecycle.deadLetters(this.#options.control);
  }

  async redrive(jobs?: readonly number[]): Promise<Outcome<readonly number[]>> {
    const attempts = this.#retry.redriveAttempts;
    const wanted = jobs === undefined ? { attempts } : { attempts, jobs };
    return await this.#lifecycle.redrive(this.#options.control, wanted);
  }

  async hasMoreToCome(): Promise<boolean> {
    const { control, leaseMs } = this.#options;
    const grace = intervalOf(Math.max(leaseMs, leastGraceMs));
    const { text, values } = this.#lifecycle.statement("more-to-come", { grace });
    const [row] = await control.query(text, values);
    return row?.["is_more"] === true;
  }

  async inspect(question: Question): Promise<InspectDetail> {
    const { control, jobsPerBot = 1 } = this.#options;
    return await inspections[question](control, { jobsPerBot });
  }

  cost(): { readonly statements: number; readonly roundTrips: number } {
    return { ...this.#sessions.counter };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
  }

  #backoff(): Backoff {
    const { baseMs, capMs, jitter, random } = this.#retry;
    return { base: intervalOf(baseMs), cap: intervalOf(capMs), jitter, random: random.next() };
  }
}

function replacedBy({ lifecycle = [] }: Strategy): ReplacedStatements {
  return Object.fromEntries(lifecycle.map(({ replaces, steps }) => [replaces, steps]));
}

/** An interval of PostgreSQL, as text. */
function intervalOf(ms: number): string {
  return `${ms} milliseconds`;
}
