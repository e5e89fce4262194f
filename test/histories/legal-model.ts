import { seededRandom } from "../../src/base/random.ts";
import type { Random } from "../../src/base/random.ts";
import type { Operation } from "../../src/history/event.ts";
import { HistoryBuilder } from "./builder.ts";
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
  /** Probability that a step is a rescue, from bots that are slow but alive. */
  readonly rescues: number;
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
  status: "pending" | "claimed" | "processing" | "succeeded";
  holder: number;
  attempt: number;
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
  readonly witness = new WitnessBuilder();
  readonly #options: ModelOptions;
  readonly #random: Random;
  readonly #history: HistoryBuilder;
  readonly #jobs = new Map<number, Job>();
  readonly #bots: readonly Bot[];
  #effects = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#history = new HistoryBuilder({ bots: options.bots, jobs: options.jobs });
    this.#bots = Array.from({ length: options.bots }, (_, at) => ({
      id: at + 1,
      held: [],
      isStarted: false,
      inDoubt: false,
      flight: undefined,
    }));
  }

  run(): HistoryBuilder {
    const { jobs, steps } = this.#options;
    this.#history.begin();
    this.witness.enqueued(jobs, this.#history.nowMs + 0.5);
    this.#history.enqueue(jobs).phase("load", "begin").agreement();
    for (let job = 1; job <= jobs; job++) {
      this.#jobs.set(job, { status: "pending", holder: 0, attempt: 0 });
    }
    for (let step = 0; step < steps; step++) this.#step(this.#options);
    this.#history.phase("load", "end").phase("drain", "begin");
    this.#drain();
    this.#history.phase("drain", "end").inspect(nothingHeld).agreement();
    this.#history.inspect({ what: "verification", queries: [clean("any")] });
    this.#history.inspect(constraintsThatHold);
    return this.#final().end();
  }

  #step({ rescues, losses }: Pick<ModelOptions, "rescues" | "losses">): void {
    if (this.#random.next() < rescues) this.#rescue();
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
    else flight.accepted = this.#change(bot, flight.op, flight.claim as Claim);
  }

  /** Between the event before and the next. */
  get #committedMs(): number {
    return this.#history.nowMs - 0.5;
  }

  #grant(bot: Bot): Claim[] {
    const pending = [...this.#jobs].filter(([, job]) => job.status === "pending");
    const wanted = pending.slice(0, this.#options.limit);
    const ids = wanted.map(([id]) => id);
    if (ids.length > 0) this.witness.granted(bot.id, ids, this.#committedMs);
    return wanted.map(([id, job]) => {
      job.status = "claimed";
      job.holder = bot.id;
      job.attempt++;
      return { job: id, attempt: job.attempt };
    });
  }

  #heldBy(bot: Bot): Claim[] {
    const held = [...this.#jobs].filter(([, job]) => job.holder === bot.id);
    return held.map(([id, { attempt }]) => ({ job: id, attempt }));
  }

  /** Fenced: only the current claim may change the job. */
  #change(bot: Bot, op: Operation, { job: id, attempt }: Claim): boolean {
    const job = this.#jobs.get(id) as Job;
    if (job.holder !== bot.id || job.attempt !== attempt) return false;
    if (op === "start") {
      if (job.status !== "claimed") return false;
      job.status = "processing";
      this.witness.started(id, this.#committedMs);
      return true;
    }
    if (op === "complete") this.witness.completed(bot.id, id, this.#committedMs);
    else this.witness.released(bot.id, id, this.#committedMs);
    job.status = op === "complete" ? "succeeded" : "pending";
    job.holder = 0;
    if (op === "complete") this.#effects++;
    return true;
  }

  #answer(bot: Bot, { op, claim, granted, accepted }: InFlight): void {
    bot.flight = undefined;
    if (granted === undefined) {
      this.#history.answer(bot.id, op, accepted ? "ok" : "empty", this.#told(claim));
      if (op === "start" && accepted) bot.isStarted = true;
      else this.#letGo(bot);
      return;
    }
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

  /** Everybody finishes, then what nobody knows of any more is rescued and done. */
  #drain(): void {
    const isBusy = (): boolean =>
      this.#bots.some((bot) => bot.flight !== undefined || bot.inDoubt || bot.held.length > 0);
    const isLeft = (): boolean => [...this.#jobs.values()].some((job) => job.status !== "succeeded");
    for (let step = 0; isBusy() || isLeft(); step++) {
      if (step > 100_000) throw new Error("the model does not drain");
      this.#step({ losses: 0, rescues: step > 1000 && !isBusy() ? 1 : 0 });
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
