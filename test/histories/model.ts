import { seededRandom } from "../../src/base/random.ts";
import type { Random } from "../../src/base/random.ts";
import type { EventType, Operation } from "../../src/history/event.ts";
import { HistoryBuilder } from "./builder.ts";
import { WitnessBuilder } from "./witness-builder.ts";

export interface ModelOptions {
  readonly seed: number;
  readonly bots: number;
  readonly jobs: number;
  readonly steps: number;
  /** A claim may take a job away from its holder, and settles are not fenced. */
  readonly isUnsafe: boolean;
  /** Bots are told the attempt of what they are granted. */
  readonly tellsAttempt: boolean;
  /** Jobs that one claim may be granted. */
  readonly limit: number;
  /** How far the database's clock is ahead of the bots'. */
  readonly skewMs: number;
}

/** What bots and database recorded of one random run, and what really happened. */
export interface ModelRun {
  readonly history: HistoryBuilder;
  readonly witness: WitnessBuilder;
  /** By operation, in the order of their invokes, of those whose answers were lost. */
  readonly truths: readonly TrueOperation[];
  /** `job 3 attempt 1`: granted, and never named to its bot. */
  readonly unheard: readonly string[];
}

export interface TrueOperation {
  readonly op: Operation;
  readonly job: number | undefined;
  readonly happened: boolean;
}

interface Job {
  status: "pending" | "claimed" | "processing" | "succeeded";
  bot: number | null;
  attempt: number;
}

interface Held {
  readonly job: number;
  readonly attempt: number | undefined;
}

interface InFlight {
  readonly op: Operation;
  readonly about: Held | undefined;
  /** The request is lost on its way, so nothing will happen. */
  readonly isCut: boolean;
  result: Result | undefined;
}

/** What the database did, before anybody is told. */
interface Result {
  readonly type: "ok" | "empty";
  readonly granted: readonly (Held & { readonly attempt: number })[];
}

/**
 * A small queue and its bots, one step of one bot a millisecond: ask, be carried out, be answered. Answers get lost, and
 * so do requests; a bot whose answer was lost may ask what it holds, or go on as if nothing had been.
 */
export function runModel(options: ModelOptions): ModelRun {
  return new Model(options).run();
}

class Model {
  readonly #options: ModelOptions;
  readonly #random: Random;
  readonly #history = new HistoryBuilder();
  readonly #witness = new WitnessBuilder();
  readonly #jobs: Job[];
  readonly #inFlight = new Map<number, InFlight>();
  readonly #believed = new Map<number, Held>();
  readonly #truths: (TrueOperation | undefined)[] = [];
  readonly #operationOf = new Map<InFlight, number>();
  readonly #named = new Set<string>();
  readonly #grants: string[] = [];
  #now = 1;

  /** Now, as the database has it. */
  get #commitMs(): number {
    return this.#now + this.#options.skewMs;
  }

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed, "model");
    this.#jobs = Array.from({ length: options.jobs + 1 }, () => ({
      status: "pending",
      bot: null,
      attempt: 0,
    }));
  }

  run(): ModelRun {
    this.#witness.enqueued(this.#options.jobs);
    for (let step = 0; step < this.#options.steps; step++) {
      this.#now++;
      this.#step(1 + this.#random.integer(this.#options.bots));
    }
    for (const inFlight of this.#inFlight.values()) this.#lose(inFlight);
    return {
      history: this.#history,
      witness: this.#witness,
      truths: this.#truths.filter((truth) => truth !== undefined),
      unheard: this.#grants.filter((grant) => !this.#named.has(grant)),
    };
  }

  #step(bot: number): void {
    const inFlight = this.#inFlight.get(bot);
    if (inFlight === undefined) this.#ask(bot);
    else if (inFlight.result === undefined && !inFlight.isCut) this.#carryOut(bot, inFlight);
    else this.#answer(bot, inFlight);
  }

  #ask(bot: number): void {
    const held = this.#believed.get(bot);
    const op = this.#random.pick(
      held === undefined
        ? (["claim", "claim", "claim", "resume"] as const)
        : (["start", "complete", "fail", "resume", "claim"] as const),
    ) as Operation;
    const about = op === "claim" || op === "resume" ? undefined : held;
    const inFlight = { op, about, isCut: this.#random.next() < 0.2, result: undefined };
    this.#inFlight.set(bot, inFlight);
    this.#operationOf.set(inFlight, this.#truths.push(undefined) - 1);
    this.#history.at(this.#now).invoke(bot, op, { ...about });
  }

  #carryOut(bot: number, inFlight: InFlight): void {
    inFlight.result = this.#result(bot, inFlight);
  }

  #result(bot: number, { op, about }: InFlight): Result {
    if (op === "claim") return this.#claim(bot);
    if (op === "resume") return this.#resume(bot);
    return { type: this.#settle(bot, op, about as Held) ? "ok" : "empty", granted: [] };
  }

  #claim(bot: number): Result {
    const wanted = 1 + this.#random.integer(this.#options.limit);
    const free = this.#numbers().filter((job) => this.#isClaimable(this.#job(job)));
    const jobs = this.#random.shuffle(free).slice(0, wanted);
    if (jobs.length === 0) return { type: "empty", granted: [] };
    this.#witness.granted(bot, jobs, this.#commitMs);
    const granted = jobs.map((job) => {
      const row = this.#job(job);
      Object.assign(row, { status: "claimed", bot, attempt: row.attempt + 1 });
      this.#grants.push(named({ job, attempt: row.attempt }));
      return { job, attempt: row.attempt };
    });
    return { type: "ok", granted };
  }

  #isClaimable({ status }: Job): boolean {
    return status === "pending" || (this.#options.isUnsafe && status === "claimed");
  }

  #resume(bot: number): Result {
    const job = this.#numbers().find((number) => this.#job(number).bot === bot);
    if (job === undefined) return { type: "empty", granted: [] };
    return { type: "ok", granted: [{ job, attempt: this.#job(job).attempt }] };
  }

  #settle(bot: number, op: Operation, { job, attempt }: Held): boolean {
    const row = this.#job(job);
    const isHeld = row.status === "claimed" || (row.status === "processing" && op !== "start");
    if (!isHeld || (attempt !== undefined && attempt !== row.attempt)) return false;
    if (op === "start") {
      row.status = "processing";
      this.#witness.started(job, this.#commitMs);
      return true;
    }
    Object.assign(row, { status: op === "complete" ? "succeeded" : "pending", bot: null });
    if (op === "complete") this.#witness.completed(bot, job, this.#commitMs);
    else this.#witness.released(bot, job, this.#commitMs);
    return true;
  }

  #answer(bot: number, inFlight: InFlight): void {
    this.#inFlight.delete(bot);
    const { op, about, result } = inFlight;
    if (result === undefined || this.#random.next() < 0.3) {
      this.#lose(inFlight);
      // Without a line of its own, an operation ends where the bot's next one begins.
      if (this.#random.next() < 0.7) this.#tell(bot, op, "unknown", { ...about });
      if (this.#random.next() < 0.5) this.#believed.delete(bot);
      return;
    }
    const [first, ...rest] = result.granted;
    for (const grant of result.granted) this.#named.add(named(grant));
    const tellsAttempt = this.#options.tellsAttempt || op === "resume";
    const visible = (grant: Held): Held => (tellsAttempt ? grant : { job: grant.job, attempt: undefined });
    const more = rest.map((grant) => (tellsAttempt ? grant : { job: grant.job }));
    const detail = more.length === 0 ? {} : { detail: { more } };
    if (first === undefined) this.#tell(bot, op, result.type, { ...about });
    else this.#tell(bot, op, result.type, { ...visible(first), ...detail });
    this.#believe(bot, inFlight, first && visible(first));
  }

  #believe(bot: number, { op, result }: InFlight, first: Held | undefined): void {
    if (first !== undefined) this.#believed.set(bot, first);
    else if (op === "resume" || op === "complete" || op === "fail") this.#believed.delete(bot);
    else if (op === "start" && result?.type === "empty") this.#believed.delete(bot);
  }

  #tell(bot: number, op: Operation, type: EventType, fields: object): void {
    this.#history.at(this.#now).answer(bot, op, type, fields);
  }

  #lose(inFlight: InFlight): void {
    const { op, about, result } = inFlight;
    if (op === "resume") return;
    const happened = result?.type === "ok";
    this.#truths[this.#operationOf.get(inFlight) as number] = { op, job: about?.job, happened };
  }

  #job(job: number): Job {
    return this.#jobs[job] as Job;
  }

  #numbers(): number[] {
    return this.#jobs.map((_, job) => job).slice(1);
  }
}

function named({ job, attempt }: { readonly job: number; readonly attempt: number }): string {
  return `job ${job} attempt ${attempt}`;
}
