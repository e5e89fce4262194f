import type { Random } from "../base/random.ts";
import { sleep } from "../base/timer.ts";
import type { NewEvent } from "../history/event-table.ts";
import type { Operation } from "../history/event.ts";
import type { Claim } from "../service/claim-run.ts";
import type { Held, Work } from "../service/lifecycle.ts";
import type { Outcome } from "../service/outcome.ts";
import type { Target } from "../targets/target.ts";

/** Records one event, stamped with the clock at the call. */
export type Record = (event: Omit<NewEvent, "t">) => void;

export interface BotOptions {
  /** 1, 2, 3 … */
  readonly id: number;
  readonly target: Target;
  readonly record: Record;
  readonly workMs: number;
  readonly random: Random;
}

/** How one attempt to get work came out, for the load that drives the bot. */
export type Turn =
  /** A job was granted, and carried out as far as the bot could. */
  | "worked"
  | "empty"
  /** Lost to another bot: worth trying again at once. */
  | "conflict"
  /** Failed, or its outcome was unknown and turned out to be nothing. */
  | "failed";

/** A claim being carried out. `work` is known once the job has started. */
interface Carried extends Claim {
  readonly work: Work | null;
  /** Done, and only to be settled. */
  readonly isDone: boolean;
}

const firstPauseMs = 2;
const longestPauseMs = 100;

/**
 * One bot: claims, works, settles, and records what it saw. A single line of thought: it never has two operations
 * in flight. An operation whose outcome it does not know leaves it in doubt; it then asks what it holds before it
 * does anything else, because to try again blindly is how a job is done twice.
 */
export class Bot {
  readonly id: number;
  readonly #options: BotOptions;
  readonly #held: Carried[] = [];
  #inDoubt = false;
  #pauseMs = firstPauseMs;

  constructor(options: BotOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Whether the bot holds, or may hold, a claim it has not settled. */
  get isHolding(): boolean {
    return this.#inDoubt || this.#held.length > 0;
  }

  /** Connects, trying again until it works or `signal` aborts. */
  async connect(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if ((await this.#options.target.connect(this.id)) === null) return true;
      await this.#pause(signal);
    }
    return false;
  }

  /** Finishes what it holds, then asks for one job and carries it out. Ends early when `signal` aborts. */
  async takeTurn(signal: AbortSignal): Promise<Turn> {
    await this.finish(signal);
    if (signal.aborted || !(await this.connect(signal))) return "failed";
    const turn = await this.claim();
    if (turn === "failed") await this.#pause(signal);
    if (!this.isHolding) return turn;
    const hadGrant = turn === "worked";
    const worked = await this.finish(signal);
    return hadGrant || worked ? "worked" : turn;
  }

  /** One attempt at a claim; what it grants is kept, to be carried out by `finish`. */
  async claim(): Promise<Turn> {
    this.#record("claim", "invoke");
    const outcome = await this.#options.target.claim(this.id);
    if (outcome.kind === "ok") return this.#keep(outcome.value);
    this.#recordEnd("claim", outcome);
    if (outcome.kind === "empty") return "empty";
    if (outcome.kind === "unknown") this.#inDoubt = true;
    return outcome.retryable ? "conflict" : "failed";
  }

  /** Settles its doubt and carries out what it holds. True if it held anything. */
  async finish(signal: AbortSignal): Promise<boolean> {
    let hasWorked = false;
    while (this.isHolding && !signal.aborted) {
      if (this.#inDoubt) await this.#resume(signal);
      else {
        await this.#advance(this.#held[0] as Carried, signal);
        hasWorked = true;
      }
    }
    return hasWorked;
  }

  #keep(claims: readonly Claim[]): Turn {
    const [first, ...rest] = claims as [Claim, ...Claim[]];
    const more = rest.map(({ job, attempt }) => (attempt === null ? { job } : { job, attempt }));
    this.#options.record({
      ...named("claim", this.id, first),
      type: "ok",
      ...(more.length === 0 ? {} : { detail: { more } }),
    });
    this.#held.push(...claims.map((claim) => ({ ...claim, work: null, isDone: false })));
    this.#pauseMs = firstPauseMs;
    return "worked";
  }

  async #advance(carried: Carried, signal: AbortSignal): Promise<void> {
    if (carried.work === null) return await this.#start(carried, signal);
    if (!carried.isDone) {
      if (this.#options.workMs > 0) await sleep(this.#options.workMs, signal);
      if (signal.aborted) return;
    }
    await this.#settle({ ...carried, isDone: true }, carried.work, signal);
  }

  async #start(carried: Carried, signal: AbortSignal): Promise<void> {
    if (!(await this.connect(signal))) return;
    const outcome = await this.#recorded("start", carried, () =>
      this.#options.target.start(this.id, carried),
    );
    if (outcome.kind === "ok") this.#held[0] = { ...carried, work: outcome.value };
    else await this.#afterMissedAnswer(outcome, carried, signal);
  }

  async #settle(carried: Carried, work: Work, signal: AbortSignal): Promise<void> {
    if (!(await this.connect(signal))) return;
    const outcome = await this.#recorded("complete", carried, () =>
      this.#options.target.settle(
        { bot: this.id, claim: carried },
        { kind: "complete", result: work.a + work.b },
      ),
    );
    if (outcome.kind === "ok") this.#held.shift();
    else await this.#afterMissedAnswer(outcome, carried, signal);
  }

  /** Empty: the job is not ours any more. Failed: the same again after a pause. Unknown: ask first. */
  async #afterMissedAnswer(
    outcome: Exclude<Outcome<unknown>, { kind: "ok" }>,
    carried: Carried,
    signal: AbortSignal,
  ): Promise<void> {
    if (outcome.kind === "empty") {
      this.#held.shift();
      return;
    }
    this.#held[0] = carried;
    if (outcome.kind === "unknown") this.#inDoubt = true;
    else if (!outcome.retryable) await this.#pause(signal);
  }

  /** Asks what it holds until it is told. */
  async #resume(signal: AbortSignal): Promise<void> {
    if (!(await this.connect(signal))) return;
    this.#record("resume", "invoke");
    const outcome = await this.#options.target.resume(this.id);
    if (outcome.kind === "ok") {
      this.#options.record({ ...named("resume", this.id, outcome.value), type: "ok" });
      this.#trust(outcome.value);
      return;
    }
    this.#recordEnd("resume", outcome);
    if (outcome.kind === "empty") this.#trust(null);
    else await this.#pause(signal);
  }

  /** What the service says replaces what the bot believed; work that was done stays done. */
  #trust(held: Held | null): void {
    const believed = this.#held.find((carried) => carried.job === held?.job);
    this.#held.length = 0;
    this.#inDoubt = false;
    this.#pauseMs = firstPauseMs;
    if (held === null) return;
    const attempt = believed === undefined ? held.attempt : believed.attempt;
    const work = held.status === "processing" ? { a: held.a, b: held.b } : null;
    this.#held.push({ job: held.job, attempt, work, isDone: believed?.isDone ?? false });
  }

  async #recorded<T>(
    op: Operation,
    claim: Claim,
    operate: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    this.#options.record({ ...named(op, this.id, claim), type: "invoke" });
    const outcome = await operate();
    const code = outcome.kind === "failed" || outcome.kind === "unknown" ? outcome.code : undefined;
    this.#options.record({ ...named(op, this.id, claim), type: outcome.kind, code });
    return outcome;
  }

  #record(op: Operation, type: "invoke"): void {
    this.#options.record({ op, type, bot: this.id });
  }

  #recordEnd(op: Operation, outcome: Exclude<Outcome<unknown>, { kind: "ok" }>): void {
    const code = outcome.kind === "empty" ? undefined : outcome.code;
    this.#options.record({ op, type: outcome.kind, bot: this.id, code });
  }

  /** Doubles up to a bound, with jitter: bots that failed together must not come back together. */
  async #pause(signal: AbortSignal): Promise<void> {
    await sleep(this.#pauseMs * this.#options.random.between(0.5, 1.5), signal);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}

function named(op: Operation, bot: number, claim: Claim) {
  return { op, bot, job: claim.job, attempt: claim.attempt ?? undefined };
}
