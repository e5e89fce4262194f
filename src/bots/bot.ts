import type { Random } from "../base/random.ts";
import { sleep } from "../base/timer.ts";
import type { NewEvent } from "../history/event-table.ts";
import type { ClaimDetail, Detail, Operation } from "../history/event.ts";
import type { Claim } from "../service/claim-run.ts";
import type { Held, Settlement, Work } from "../service/lifecycle.ts";
import type { Outcome } from "../service/outcome.ts";
import type { ClaimWish, Target } from "../targets/target.ts";

/** Records one event, stamped with the clock at the call. */
export type Record = (event: Omit<NewEvent, "t">) => void;

export interface BotOptions {
  /** 1, 2, 3 … */
  readonly id: number;
  readonly target: Target;
  readonly record: Record;
  readonly workMs: number;
  /** Asked as the work on a job begins: how much longer it takes than its time, for faults. */
  readonly extraWorkMs?: () => number;
  /** Draws how long each piece of work takes; absent: `workMs`, always. */
  readonly drawWorkMs?: (() => number) | undefined;
  readonly random: Random;
  /** What it asks for; absent: one job, of any type. */
  readonly wish?: ClaimWish;
  /** From one heartbeat to the next while it works; absent: it sends none. */
  readonly heartbeatMs?: number | undefined;
  /** It has a predecessor of the same number that may have held something: it asks before it does anything else. */
  readonly isSuccessor?: boolean | undefined;
  /** Whether the work on a claim fails in the end; absent: it never does. */
  readonly isFailing?: (claim: Claim) => boolean;
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
  /** What is left of the work; 0: it is done, and only to be settled. */
  readonly leftMs: number;
  /** How the work ends. */
  readonly fails: boolean;
}

const firstPauseMs = 2;
const longestPauseMs = 100;

/**
 * One bot: claims, works, settles, and records what it saw. A single line of thought: it never has two operations
 * in flight, so it sends heartbeats between slices of its work. An operation whose outcome it does not know leaves it in doubt; it then asks what it holds before it
 * does anything else, because to try again blindly is how a job is done twice.
 */
export class Bot {
  readonly id: number;
  readonly #options: BotOptions;
  readonly #held: Carried[] = [];
  #inDoubt: boolean;
  #pauseMs = firstPauseMs;
  #asked = 0;

  constructor(options: BotOptions) {
    this.id = options.id;
    this.#options = options;
    this.#inDoubt = options.isSuccessor ?? false;
  }

  /** Whether the bot holds, or may hold, a claim it has not settled. */
  get isHolding(): boolean {
    return this.#inDoubt || this.#held.length > 0;
  }

  /** Claims that it has asked for so far, however they came out. */
  get asked(): number {
    return this.#asked;
  }

  /** Connects, trying again until it works or `signal` aborts. */
  async connect(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if ((await this.#options.target.connect(this.id)) === null) return true;
      await this.#pause(signal);
    }
    return false;
  }

  /**
   * Finishes what it holds, then asks for one job and carries it out. Ends early when `signal` aborts. `intendedAtNs`: when
   * the claim was meant to be made, where load is scheduled.
   */
  async takeTurn(signal: AbortSignal, intendedAtNs?: number): Promise<Turn> {
    await this.finish(signal);
    if (signal.aborted || !(await this.connect(signal))) return "failed";
    const turn = await this.claim(intendedAtNs);
    if (turn === "failed") await this.#pause(signal);
    if (!this.isHolding) return turn;
    const hadGrant = turn === "worked";
    const worked = await this.finish(signal);
    return hadGrant || worked ? "worked" : turn;
  }

  /** One attempt at a claim; what it grants is kept, to be carried out by `finish`. */
  async claim(intendedAtNs?: number): Promise<Turn> {
    const { wish } = this.#options;
    this.#asked++;
    this.#recordInvoke("claim", claimDetail(wish?.limit ?? 1, intendedAtNs));
    const outcome = await this.#options.target.claim(this.id, wish);
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
    this.#recordGrant("claim", claims);
    this.#held.push(...claims.map((claim) => this.#begun(claim)));
    this.#pauseMs = firstPauseMs;
    return "worked";
  }

  #begun({ job, attempt }: Claim): Carried {
    const { workMs, drawWorkMs, isFailing } = this.#options;
    const leftMs = drawWorkMs?.() ?? workMs;
    return { job, attempt, work: null, leftMs, fails: isFailing?.({ job, attempt }) ?? false };
  }

  async #advance(carried: Carried, signal: AbortSignal): Promise<void> {
    if (carried.work === null) await this.#start(carried, signal);
    else if (carried.leftMs > 0) await this.#workOn(carried, signal);
    else await this.#settle(carried, carried.work, signal);
  }

  /** Works until the next heartbeat is due or the work is done. A slice that `signal` cuts short counts for nothing. */
  async #workOn(carried: Carried, signal: AbortSignal): Promise<void> {
    const sliceMs = Math.min(carried.leftMs, this.#options.heartbeatMs ?? carried.leftMs);
    await sleep(sliceMs, signal);
    if (signal.aborted) return;
    const leftMs = carried.leftMs - sliceMs;
    this.#held[0] = { ...carried, leftMs };
    if (leftMs > 0) await this.#beat(signal);
  }

  /** Renews every claim that it holds; what is refused is another's by now, and the bot gives up work on it. */
  async #beat(signal: AbortSignal): Promise<void> {
    const held = this.#held.slice();
    for (const carried of held) {
      if (!(await this.connect(signal))) return;
      const outcome = await this.#recorded("heartbeat", carried, () =>
        this.#options.target.heartbeat({ bot: this.id, claim: carried }),
      );
      if (outcome.kind === "empty") this.#held.splice(this.#held.indexOf(carried), 1);
      if (outcome.kind !== "unknown") continue;
      this.#inDoubt = true;
      return;
    }
  }

  async #start(carried: Carried, signal: AbortSignal): Promise<void> {
    if (!(await this.connect(signal))) return;
    const outcome = await this.#recorded("start", carried, () =>
      this.#options.target.start(this.id, carried),
    );
    if (outcome.kind === "ok") {
      const leftMs = carried.leftMs + (this.#options.extraWorkMs?.() ?? 0);
      this.#held[0] = { ...carried, work: outcome.value, leftMs };
    } else await this.#afterMissedAnswer(outcome, carried, signal);
  }

  async #settle(carried: Carried, work: Work, signal: AbortSignal): Promise<void> {
    if (!(await this.connect(signal))) return;
    const settlement = settlementOf(carried, work);
    const outcome = await this.#recorded(
      settlement.kind,
      carried,
      () => this.#options.target.settle({ bot: this.id, claim: carried }, settlement),
      (settled) => settled ?? undefined,
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
    // A service that cannot be asked leaves the bot with nothing: what it was granted comes back by its lease, or never.
    if (!this.#options.target.capabilities.has("resume")) return this.#trust([]);
    if (!(await this.connect(signal))) return;
    this.#recordInvoke("resume");
    const outcome = await this.#options.target.resume(this.id);
    if (outcome.kind === "ok") {
      this.#recordGrant("resume", outcome.value);
      this.#trust(outcome.value);
      return;
    }
    this.#recordEnd("resume", outcome);
    if (outcome.kind === "empty") this.#trust([]);
    else await this.#pause(signal);
  }

  /** What the service says replaces what the bot believed; what it was at comes first, and work that was done stays done. */
  #trust(held: readonly Held[]): void {
    const carried = held.map((each) => this.#resumed(each));
    this.#held.length = 0;
    this.#held.push(...carried.filter(({ work }) => work !== null));
    this.#held.push(...carried.filter(({ work }) => work === null));
    this.#inDoubt = false;
    this.#pauseMs = firstPauseMs;
  }

  /** A bot that was never told its attempt goes on without; under another attempt the work begins anew. */
  #resumed({ job, attempt, status, a, b }: Held): Carried {
    const known = this.#held.find((carried) => carried.job === job);
    const isSame = known !== undefined && (known.attempt === null || known.attempt === attempt);
    const begun = isSame ? known : this.#begun({ job, attempt });
    return { ...begun, work: status === "processing" ? { a, b } : null };
  }

  async #recorded<T>(
    op: Operation,
    claim: Claim,
    operate: () => Promise<Outcome<T>>,
    detailOf?: (value: T) => Detail | undefined,
  ): Promise<Outcome<T>> {
    this.#options.record({ ...named(op, this.id, claim), type: "invoke" });
    const outcome = await operate();
    const code = outcome.kind === "failed" || outcome.kind === "unknown" ? outcome.code : undefined;
    const detail = outcome.kind === "ok" ? detailOf?.(outcome.value) : undefined;
    this.#options.record({ ...named(op, this.id, claim), type: outcome.kind, code, detail });
    return outcome;
  }

  #recordInvoke(op: Operation, detail?: Detail): void {
    this.#options.record({ op, type: "invoke", bot: this.id, detail });
  }

  #recordGrant(op: Operation, claims: readonly Claim[]): void {
    const [first] = claims as readonly [Claim, ...Claim[]];
    const detail = claims.length === 1 ? undefined : { more: claims.slice(1).map(moreOf) };
    this.#options.record({ ...named(op, this.id, first), type: "ok", detail });
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

function settlementOf({ fails }: Carried, { a, b }: Work): Settlement {
  if (fails) return { kind: "fail", error: "the work failed, as the scenario has it" };
  return { kind: "complete", result: a + b };
}

function named(op: Operation, bot: number, claim: Claim) {
  return { op, bot, job: claim.job, attempt: claim.attempt ?? undefined };
}

function moreOf({ job, attempt }: Claim) {
  return attempt === null ? { job } : { job, attempt };
}

function claimDetail(limit: number, intendedAt: number | undefined): ClaimDetail | undefined {
  if (limit === 1) return intendedAt === undefined ? undefined : { intendedAt };
  return { limit, ...(intendedAt === undefined ? {} : { intendedAt }) };
}
