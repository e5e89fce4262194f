import { seededRandom } from "../../src/base/random.ts";
import type { Random } from "../../src/base/random.ts";
import type { FailDetail, Operation, RescuedClaim } from "../../src/history/event.ts";
import { HistoryBuilder } from "./builder.ts";
import type { HistoryOptions } from "./builder.ts";
import { clean, constraintsThatHold, nothingHeld } from "./whole-round.ts";
import { WitnessBuilder } from "./witness-builder.ts";

export interface ModelOptions {
  readonly seed: number;
  readonly bots: number;
  readonly jobs: number;
  /** Moves of bots before the faults end. */
  readonly steps: number;
  /** Whether a claim tells its attempt. */
  readonly tellsAttempt: boolean;
  /** Jobs asked for at most in one claim. */
  readonly limit: number;
  /** Probability that an operation loses its connection. */
  readonly losses: number;
  /** Probability that a step is a rescue: where claims have no lease, from bots that are slow but alive. */
  readonly rescues: number;
  /** How long a claim is good for; null: for ever, as far as the history tells. */
  readonly leaseMs: number | null;
  /** A claim takes what has expired by itself, with no need for a rescue. */
  readonly takesExpired: boolean;
  /** How long a job that failed waits for its next attempt. */
  readonly retryMs: number;
  /** A job that fails or expires under this attempt is dead. */
  readonly maxAttempts: number;
  /** So many keys, whose jobs are done one at a time and in order; absent or 0: jobs have none. */
  readonly keys?: number;
}

/**
 * A history that a correct queue might leave: bots whose operations begin, take effect and are answered at moments of
 * their own, whose answers get lost, and whose claims are rescued under their hands. No check may accuse it.
 */
export function legalHistory(options: ModelOptions): HistoryBuilder {
  return legalRun(options).history;
}

/** The same history, and what the database recorded of it. */
export function legalRun(options: ModelOptions): LegalRun {
  const model = new Model(options);
  return { history: model.run(), witness: model.witness };
}

export interface LegalRun {
  readonly history: HistoryBuilder;
  readonly witness: WitnessBuilder;
}

interface Job {
  status: "pending" | "claimed" | "processing" | "succeeded" | "dead";
  holder: number;
  attempt: number;
  /** Of a held job that has a lease. */
  leaseUntilMs: number;
  dueMs: number;
}

interface Claim {
  readonly job: number;
  readonly attempt: number;
}

interface InFlight {
  readonly op: Operation;
  readonly claim: Claim | undefined;
  /** Set once it has taken effect. */
  granted?: readonly Claim[];
  accepted?: boolean;
  /** What became of a job that failed. */
  failed?: FailDetail;
  isDone: boolean;
}

interface Bot {
  readonly id: number;
  held: Claim[];
  isStarted: boolean;
  inDoubt: boolean;
  flight: InFlight | undefined;
}

class Model {
  readonly witness: WitnessBuilder;
  readonly #options: ModelOptions;
  readonly #random: Random;
  readonly #history: HistoryBuilder;
  readonly #jobs = new Map<number, Job>();
  readonly #bots: readonly Bot[];
  #effects = 0;
  /** From then on only a rescue ends a claim, so that attempts are used up and everything comes to its end. */
  #isDraining = false;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#history = new HistoryBuilder({
      bots: options.bots,
      jobs: options.jobs,
      leases: leaseNotes(options),
    });
    this.witness = new WitnessBuilder("decoding", options.leaseMs ?? undefined);
    this.#bots = Array.from({ length: options.bots }, (_, at) => ({
      id: at + 1,
      held: [],
      isStarted: false,
      inDoubt: false,
      flight: undefined,
    }));
  }

  run(): HistoryBuilder {
    const { jobs, steps, keys = 0 } = this.#options;
    this.#history.begin();
    this.witness.enqueued(jobs, this.#history.nowMs + 0.5);
    if (keys === 0) this.#history.enqueue(jobs);
    else this.#history.enqueueKeyed(jobs, keys);
    this.#history.phase("load", "begin").agreement();
    for (let job = 1; job <= jobs; job++) {
      const none = { holder: 0, attempt: 0, leaseUntilMs: Infinity, dueMs: 0 };
      this.#jobs.set(job, { status: "pending", ...none });
    }
    for (let step = 0; step < steps; step++) this.#step(this.#options);
    this.#redrive();
    this.#history.phase("load", "end").phase("drain", "begin");
    this.#isDraining = true;
    this.#drain();
    this.#history.phase("drain", "end").inspect(nothingHeld).agreement();
    this.#history.inspect({ what: "verification", queries: [clean("any")] });
    this.#history.inspect(constraintsThatHold);
    return this.#final().end();
  }

  #step({ rescues, losses }: Pick<ModelOptions, "rescues" | "losses">): void {
    if (this.#random.next() < rescues) {
      if (this.#options.leaseMs === null) this.#rescue();
      else this.#rescueExpired();
    }
    const bot = this.#random.pick(this.#bots) as Bot;
    const flight = bot.flight;
    if (flight === undefined) this.#begin(bot);
    else if (this.#random.next() < losses) this.#lose(bot, flight);
    else if (flight.isDone) this.#answer(bot, flight);
    else this.#takeEffect(bot, flight);
  }

  #begin(bot: Bot): void {
    const [claim] = bot.held;
    if (bot.inDoubt) this.#invoke(bot, "resume", undefined);
    else if (claim === undefined) this.#invoke(bot, "claim", undefined);
    else if (!bot.isStarted) this.#invoke(bot, "start", claim);
    else if (this.#random.next() < 0.3) this.#invoke(bot, "heartbeat", claim);
    else this.#invoke(bot, this.#random.next() < 0.2 ? "fail" : "complete", claim);
  }

  #invoke(bot: Bot, op: Operation, claim: Claim | undefined): void {
    bot.flight = { op, claim, isDone: false };
    const detail = op === "claim" ? { limit: this.#options.limit } : undefined;
    this.#history.invoke(bot.id, op, { ...this.#told(claim), detail });
  }

  #told(claim: Claim | undefined): { job?: number; attempt?: number } {
    if (claim === undefined) return {};
    return this.#options.tellsAttempt ? claim : { job: claim.job };
  }

  /** What the database does, all at once. */
  #takeEffect(bot: Bot, flight: InFlight): void {
    flight.isDone = true;
    if (flight.op === "claim") flight.granted = this.#grant(bot);
    else if (flight.op === "resume") flight.granted = this.#heldBy(bot).slice(0, 1);
    else flight.accepted = this.#change(bot, flight);
  }

  /** Between the event before and the next. */
  get #committedMs(): number {
    return this.#history.nowMs - 0.5;
  }

  #grant(bot: Bot): Claim[] {
    const free = [...this.#jobs].filter(([id, job]) => this.#isFree(job) && this.#isItsTurn(id));
    const wanted = free.slice(0, this.#options.limit);
    const ids = wanted.map(([id]) => id);
    if (ids.length > 0) this.witness.granted(bot.id, ids, this.#committedMs);
    return wanted.map(([id, job]) => {
      job.status = "claimed";
      job.holder = bot.id;
      job.attempt++;
      this.#renew(job);
      return { job: id, attempt: job.attempt };
    });
  }

  #isFree(job: Job): boolean {
    if (job.status === "pending") return job.dueMs <= this.#committedMs;
    return this.#options.takesExpired && !this.#isDraining && this.#hasExpired(job);
  }

  /** Nobody holds another job of its key, and all that came before it are done for good. */
  #isItsTurn(id: number): boolean {
    const { keys = 0 } = this.#options;
    if (keys === 0) return true;
    const others = [...this.#jobs].filter(([other]) => other !== id && other % keys === id % keys);
    return others.every(
      ([other, { status, holder }]) =>
        holder === 0 && (other > id || status === "succeeded" || status === "dead"),
    );
  }

  #hasExpired({ holder, leaseUntilMs }: Job): boolean {
    return holder !== 0 && leaseUntilMs <= this.#committedMs;
  }

  #renew(job: Job): void {
    job.leaseUntilMs = this.#committedMs + (this.#options.leaseMs ?? Infinity);
  }

  #heldBy(bot: Bot): Claim[] {
    const held = [...this.#jobs].filter(([, job]) => job.holder === bot.id);
    return held.map(([id, { attempt }]) => ({ job: id, attempt }));
  }

  /** Fenced: only the current claim may change the job. */
  #change(bot: Bot, flight: InFlight): boolean {
    const { job: id, attempt } = flight.claim as Claim;
    const job = this.#jobs.get(id) as Job;
    if (job.holder !== bot.id || job.attempt !== attempt) return false;
    const { op } = flight;
    if (op === "start") return this.#start(id, job);
    if (op === "heartbeat") {
      this.#renew(job);
      this.witness.renewed(id, this.#committedMs);
    } else if (op === "complete") {
      this.witness.completed(bot.id, id, this.#committedMs);
      Object.assign(job, { status: "succeeded", holder: 0 });
      this.#effects++;
    } else {
      flight.failed = this.#release(id, job, this.#options.retryMs);
    }
    return true;
  }

  #start(id: number, job: Job): boolean {
    if (job.status !== "claimed") return false;
    job.status = "processing";
    this.witness.started(id, this.#committedMs);
    return true;
  }

  /** Pending again and to wait, or dead. */
  #release(id: number, job: Job, waitMs: number): FailDetail {
    const status = job.attempt < this.#options.maxAttempts ? "pending" : "dead";
    const dueMs = this.#committedMs + waitMs;
    const wait = status === "pending" ? { dueMs } : {};
    this.witness.released(job.holder, id, this.#committedMs, { status, ...wait });
    Object.assign(job, { status, holder: 0, dueMs });
    return status === "pending" ? { status, retryInMs: waitMs } : { status };
  }

  #answer(bot: Bot, { op, claim, granted, accepted, failed: detail }: InFlight): void {
    bot.flight = undefined;
    if (granted === undefined) {
      this.#history.answer(bot.id, op, accepted ? "ok" : "empty", { ...this.#told(claim), detail });
      const goesOn = accepted && (op === "start" || op === "heartbeat");
      if (goesOn) bot.isStarted = true;
      else this.#letGo(bot);
      return;
    }
    this.#take(bot, op, granted);
  }

  #take(bot: Bot, op: Operation, granted: readonly Claim[]): void {
    bot.inDoubt = false;
    bot.isStarted = false;
    bot.held = [...granted];
    const [first, ...rest] = granted;
    if (first === undefined) {
      this.#history.answer(bot.id, op, "empty");
      return;
    }
    const more = rest.map(({ job, attempt }) =>
      this.#options.tellsAttempt ? { job, attempt } : { job },
    );
    const detail = more.length === 0 ? undefined : { more };
    const told = op === "resume" ? first : this.#told(first);
    this.#history.answer(bot.id, op, "ok", { ...told, detail });
    if (op === "resume") bot.isStarted = this.#jobs.get(first.job)?.status === "processing";
  }

  #letGo(bot: Bot): void {
    bot.held = bot.held.slice(1);
    bot.isStarted = false;
  }

  /** The connection dies: what had not taken effect never will, and the bot need not know which. */
  #lose(bot: Bot, { op, claim, isDone }: InFlight): void {
    bot.flight = undefined;
    const isKnown = !isDone && this.#random.next() < 0.5;
    this.#history.answer(bot.id, op, isKnown ? "failed" : "unknown", {
      ...this.#told(claim),
      code: "ECONNRESET",
    });
    if (!isKnown) bot.inDoubt = true;
  }

  #rescue(): void {
    const held = [...this.#jobs].filter(([, job]) => job.holder !== 0);
    const picked = this.#random.pick(held);
    if (picked === undefined) return;
    const [id, job] = picked;
    this.witness.released(job.holder, id, this.#committedMs + 0.8);
    this.#history.rescued(id);
    job.status = "pending";
    job.holder = 0;
  }

  /** Whatever has expired, all at once. */
  #rescueExpired(): void {
    const expired = [...this.#jobs].filter(([, job]) => this.#hasExpired(job));
    const claims = expired.map(([id, job]): RescuedClaim => {
      const { attempt, holder: bot } = job;
      const isDead = this.#release(id, job, 0).status === "dead";
      return { job: id, attempt, bot, ...(isDead ? { isDead } : {}) };
    });
    this.#history.rescuedClaims(...claims);
  }

  /** Some of the dead are tried once more. */
  #redrive(): void {
    const dead = [...this.#jobs].filter(([, job]) => job.status === "dead");
    const picked = dead.filter(() => this.#random.next() < 0.5);
    if (picked.length === 0) return;
    for (const [id, job] of picked) {
      this.witness.redriven(id, this.#committedMs + 0.8);
      Object.assign(job, { status: "pending", dueMs: 0 });
    }
    this.#history.redriven(...picked.map(([id]) => id));
  }

  /** Everybody finishes, then what nobody knows of any more is rescued and done. */
  #drain(): void {
    const isBusy = (): boolean =>
      this.#bots.some((bot) => bot.flight !== undefined || bot.inDoubt || bot.held.length > 0);
    const isLeft = (): boolean =>
      [...this.#jobs.values()].some(({ status }) => status !== "succeeded" && status !== "dead");
    for (let step = 0; isBusy() || isLeft(); step++) {
      if (step > 100_000) throw new Error("the model does not drain");
      const isStuck = step > 1000 && !isBusy();
      const rescues = this.#options.leaseMs === null ? Number(isStuck) : 0.05;
      this.#step({ losses: 0, rescues });
    }
  }

  #final(): HistoryBuilder {
    const statuses = [...this.#jobs].map(([id, { status }]) => [status, [[id, id]]] as const);
    return this.#history.inspect({
      what: "final",
      jobs: statuses.map(([status, ids]) => ({ status, ids: ids as [[number, number]] })),
      effects: {
        total: this.#effects,
        repeated: [],
        repeatedCount: 0,
        missing: [],
        missingCount: 0,
      },
    });
  }
}

/** What a run writes down of its leases, now and then with how often it looks for expired ones. */
function leaseNotes({ leaseMs, seed }: ModelOptions): NonNullable<HistoryOptions["leases"]> {
  if (leaseMs === null) return {};
  return seed % 2 === 0 ? { leaseMs } : { leaseMs, rescueEveryMs: 100 };
}
