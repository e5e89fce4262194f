import { nsPerMs } from "../base/clock.ts";
import type { EventTable } from "../history/event-table.ts";
import type {
  ClaimDetail,
  EnqueueDetail,
  JobRange,
  RedriveDetail,
  RescueDetail,
  RoundDetail,
} from "../history/event.ts";
import { NumberMap } from "../history/number-map.ts";

/** A job that was granted while somebody certainly held it. */
export interface DoubleGrant {
  readonly job: number;
  readonly holder: number;
  readonly bot: number;
  /** Nanoseconds since the run began. */
  readonly t: number;
}

/**
 * Tells while a round goes on that a job was granted twice, from the events seen so far: for who watches a run. It
 * reads a table that grows, each event once, and keeps one number a job.
 *
 * It is not the judge. Where an answer may still excuse a grant (a rescue that is under way or took the job, a lease
 * that ran out) it says nothing; so it accuses only where `single-grant` will, and that one sees more.
 */
export class DoubleGrantWatch {
  readonly #events: EventTable;
  #next: number;
  #holders = new NumberMap();
  /** When each held job was asked for, in ms: its lease ran at the earliest from there. */
  #askedForAtMs = new NumberMap();
  /** When its holder was told, in ms. */
  #toldAtMs = new NumberMap();
  /** When each bot asked last, in ms. */
  #askedAtMs = new NumberMap();
  #excused = new Set<number>();
  #rescuesOpen = 0;
  /** A rescue whose outcome nobody knows may have taken anything. */
  #isBlind = false;
  #leaseMs = Infinity;
  #count = 0;
  #first: DoubleGrant | undefined;

  /** Watches what is recorded from now on. */
  constructor(events: EventTable, from: number = events.length) {
    this.#events = events;
    this.#next = from;
  }

  get count(): number {
    return this.#count;
  }

  get first(): DoubleGrant | undefined {
    return this.#first;
  }

  /** Takes note of what was recorded since it was last called. */
  update(): void {
    for (; this.#next < this.#events.length; this.#next++) this.#take(this.#next);
  }

  #take(event: number): void {
    const op = this.#events.op(event);
    if (op === "claim" || op === "resume") this.#takeAnswer(event);
    // From asking on, the job may be granted to another.
    else if (op === "fail") this.#release(this.#events.job(event));
    else if (op === "rescue") this.#takeRescue(event);
    else if (op === "enqueue" || op === "redrive") this.#beginAnew(event);
    else if (op === "round") this.#takeRound(event);
  }

  #takeAnswer(event: number): void {
    const type = this.#events.type(event);
    if (type === "invoke" && this.#events.op(event) === "claim") {
      this.#askedAtMs.set(this.#events.bot(event), Math.floor(this.#events.t(event) / nsPerMs));
    }
    if (type !== "ok") return;
    this.#takeGrant(event, this.#events.job(event));
    const detail = this.#events.detail(event) as ClaimDetail | undefined;
    for (const { job } of detail?.more ?? []) this.#takeGrant(event, job);
  }

  #takeGrant(event: number, job: number): void {
    if (job === none) return;
    const bot = this.#events.bot(event);
    const holder = this.#holders.get(job);
    const isKnown = this.#events.op(event) === "resume" && holder === bot;
    if (isKnown) return;
    if (this.#rescuesOpen > 0) this.#excused.add(job);
    const t = this.#events.t(event);
    const askedAtMs = this.#earliestAskedAtMs(event);
    const isHeld =
      holder !== none && this.#areBothInLease(job, { askedAtMs, toldAtMs: t / nsPerMs });
    if (isHeld && !this.#isBlind && !this.#excused.has(job)) {
      this.#count++;
      this.#first ??= { job, holder, bot, t };
    }
    this.#holders.set(job, bot);
    this.#askedForAtMs.set(job, askedAtMs);
    this.#toldAtMs.set(job, Math.ceil(t / nsPerMs));
  }

  /** A bot that asks what it holds may be told of any claim that it ever asked for: of one of the round's first, at the earliest. */
  #earliestAskedAtMs(event: number): number {
    if (this.#events.op(event) === "resume") return 0;
    return Math.max(0, this.#askedAtMs.get(this.#events.bot(event)));
  }

  /**
   * Whether neither the holder's lease nor that of who is granted the job now can have run out before the other's
   * began: an answer that comes late may be about the earlier of the two.
   */
  #areBothInLease(
    job: number,
    { askedAtMs, toldAtMs }: { readonly askedAtMs: number; readonly toldAtMs: number },
  ): boolean {
    const holderFirst = toldAtMs - this.#askedForAtMs.get(job) < this.#leaseMs;
    return holderFirst && this.#toldAtMs.get(job) - askedAtMs < this.#leaseMs;
  }

  #takeRescue(event: number): void {
    const type = this.#events.type(event);
    if (type === "invoke") this.#rescuesOpen++;
    else this.#rescuesOpen = Math.max(0, this.#rescuesOpen - 1);
    if (type === "unknown") this.#isBlind = true;
    const job = this.#events.job(event);
    if (job !== none) this.#excuse(job);
    if (type !== "ok") return;
    const detail = this.#events.detail(event) as Partial<RescueDetail> | undefined;
    for (const rescued of detail?.jobs ?? []) this.#excuse(rescued.job);
  }

  #excuse(job: number): void {
    this.#excused.add(job);
    this.#release(job);
  }

  #release(job: number): void {
    if (job !== none && this.#holders.get(job) !== none) this.#holders.set(job, none);
  }

  /** Jobs that are there once more: whoever held them holds them no longer. */
  #beginAnew(event: number): void {
    if (this.#events.type(event) !== "ok") return;
    const detail = this.#events.detail(event) as Partial<EnqueueDetail & RedriveDetail> | undefined;
    for (const range of detail?.jobs ?? []) this.#releaseRange(range);
  }

  #releaseRange([first, last]: JobRange): void {
    for (let job = first; job <= last; job++) this.#release(job);
  }

  #takeRound(event: number): void {
    const detail = this.#events.detail(event) as RoundDetail;
    if (detail.event !== "begin") return;
    this.#holders = new NumberMap();
    this.#askedForAtMs = new NumberMap();
    this.#toldAtMs = new NumberMap();
    this.#askedAtMs = new NumberMap();
    this.#excused = new Set();
    this.#rescuesOpen = 0;
    this.#isBlind = false;
    this.#leaseMs = detail.leaseMs ?? Infinity;
  }
}

const none = -1;
