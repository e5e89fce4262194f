import type { ClaimDetail } from "../history/event.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { isRefusal } from "./error-codes.ts";
import { Findings, inconclusive, timeText } from "./findings.ts";
import { Turns } from "./turns.ts";

/**
 * So many claims in a row, by more than one bot, make a block and no accident: at least ten, and more than a claim
 * for every bot, so that one bad moment of all bots at once is not one.
 */
const shortestBlock = 10;

/**
 * One job that cannot be claimed must not keep the others from being claimed. It does where every claim takes the
 * oldest job first and is refused for it: with the same SQLSTATE each time, not one of those that ask for another try,
 * and with jobs waiting that nobody was granted (of those that share a key one, as long as none of them was granted). A claim that lost its connection meanwhile neither makes the block nor
 * ends it; a grant or an empty answer ends it.
 */
export const noHeadOfLineBlock: Check = {
  name: "no-head-of-line-block",
  property: "a job that cannot be claimed does not keep the others from being claimed",
  judge: ({ rounds, plan }: Evidence): Judgement => {
    const findings = new Findings();
    const { bots } = plan.scenario;
    const least: Least = {
      claims: Math.max(shortestBlock, bots.count + 1),
      // Where bots take some types of job only, what waits is certainly for one of them if all of them are refused.
      bots: bots.types === undefined ? 2 : bots.count,
    };
    let claims = 0;
    for (const round of rounds) claims += new Walk(round, least, findings).go();
    if (claims === 0) return inconclusive("no claim was made");
    return findings.judgement();
  },
};

/** So many claims by so many bots are a block. */
interface Least {
  readonly claims: number;
  readonly bots: number;
}

/** Claims refused one after the other with one SQLSTATE. */
interface Refusals {
  readonly code: string;
  readonly first: number;
  readonly bots: Set<number>;
  last: number;
  count: number;
  /** Jobs that nobody can have been granted by the last of them. */
  waiting: number;
}

class Walk {
  readonly #round: RoundEvidence;
  readonly #least: Least;
  readonly #findings: Findings;
  /** Numbered are those that were granted. */
  readonly #turns: Turns;
  #enqueued = 0;
  /** Jobs of claims whose answer was lost. */
  #mayBeGranted = 0;
  #refusals: Refusals | undefined;

  constructor(round: RoundEvidence, least: Least, findings: Findings) {
    this.#round = round;
    this.#turns = new Turns(round);
    this.#least = least;
    this.#findings = findings;
  }

  /** Returns the number of claims that were answered. */
  go(): number {
    const { events, from, to } = this.#round;
    let claims = 0;
    for (let event = from; event < to; event++) {
      const type = events.type(event);
      if (type === "invoke" || type === "info") continue;
      const op = events.op(event);
      if (op === "enqueue" && type === "ok") this.#enqueued += this.#turns.addedBy(event);
      if (op === "claim") {
        this.#takeClaim(event);
        claims++;
      }
      if (type === "ok" && (op === "claim" || op === "resume")) this.#grant(event);
    }
    this.#end();
    return claims;
  }

  #takeClaim(event: number): void {
    const type = this.#round.events.type(event);
    if (type === "failed") this.#refuse(event);
    else if (type === "unknown") this.#mayBeGranted += this.#limitOf(event);
    else this.#end();
  }

  #grant(event: number): void {
    const { events } = this.#round;
    if (events.job(event) !== -1) this.#turns.number(events.job(event));
    const { more = [] } = (events.detail(event) as ClaimDetail | undefined) ?? {};
    for (const { job } of more) this.#turns.number(job);
  }

  #limitOf(event: number): number {
    const { events, operations } = this.#round;
    const invoke = operations.invoke(operations.at(event));
    return (events.detail(invoke) as ClaimDetail | undefined)?.limit ?? 1;
  }

  #refuse(event: number): void {
    const { events } = this.#round;
    const code = events.code(event);
    if (!isRefusal(code)) return;
    if (this.#refusals?.code !== code) {
      this.#end();
      this.#refusals = { code, first: event, bots: new Set(), last: event, count: 0, waiting: 0 };
    }
    this.#refusals.last = event;
    this.#refusals.count++;
    this.#refusals.waiting = this.#enqueued - this.#turns.numbered - this.#mayBeGranted;
    this.#refusals.bots.add(events.bot(event));
  }

  #end(): void {
    const refusals = this.#refusals;
    this.#refusals = undefined;
    if (refusals === undefined || refusals.count < this.#least.claims) return;
    if (refusals.bots.size < this.#least.bots) return;
    if (refusals.waiting > 0) this.#findings.add(() => this.#tell(refusals));
  }

  #tell({ code, first, last, count, bots, waiting }: Refusals): Case {
    const { events, round } = this.#round;
    const stretch = `from ${timeText(this.#round, first)} to ${timeText(this.#round, last)}`;
    return {
      summary:
        `${count} claims in a row by ${bots.size} bots were refused with ${code} ${stretch}, ` +
        `while ${waiting} jobs were waiting: something at the head of the queue blocks everyone`,
      round,
      bots: [...bots].slice(0, 10),
      events: [events.event(first), events.event(last)],
    };
  }
}
