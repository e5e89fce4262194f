import type { EnqueueDetail } from "../history/event.ts";
import { sizeOf } from "../history/job-set.ts";
import { NumberMap } from "../history/number-map.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { isRefusal } from "./error-codes.ts";
import { Findings, inconclusive, timeText } from "./findings.ts";

/**
 * So many claims in a row, by more than one bot, make a block and no accident: at least ten, and more than a claim
 * for every bot, so that one bad moment of all bots at once is not one.
 */
const shortestBlock = 10;

/**
 * One job that cannot be claimed must not keep the others from being claimed. It does where every claim takes the
 * oldest job first and is refused for it: with the same SQLSTATE each time, not one of those that ask for another try,
 * and with jobs waiting that nobody was granted. A claim that lost its connection meanwhile neither makes the block nor
 * ends it; a grant or an empty answer ends it.
 */
export const noHeadOfLineBlock: Check = {
  name: "no-head-of-line-block",
  property: "a job that cannot be claimed does not keep the others from being claimed",
  judge: ({ rounds, plan }: Evidence): Judgement => {
    const findings = new Findings();
    const least = Math.max(shortestBlock, plan.scenario.bots.count + 1);
    let claims = 0;
    for (const round of rounds) claims += new Walk(round, least, findings).go();
    if (claims === 0) return inconclusive("no claim was made");
    return findings.judgement();
  },
};

/** Claims refused one after the other with one SQLSTATE. */
interface Refusals {
  readonly code: string;
  readonly first: number;
  readonly bots: Set<number>;
  last: number;
  count: number;
}

class Walk {
  readonly #round: RoundEvidence;
  readonly #least: number;
  readonly #findings: Findings;
  readonly #granted = new NumberMap();
  #grantedJobs = 0;
  #enqueued = 0;
  #refusals: Refusals | undefined;

  constructor(round: RoundEvidence, least: number, findings: Findings) {
    this.#round = round;
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
      if (op === "enqueue" && type === "ok") this.#enqueue(event);
      if (op !== "claim") continue;
      claims++;
      if (type === "failed") this.#refuse(event);
      else if (type !== "unknown") this.#end();
      if (type === "ok") this.#grant(events.job(event));
    }
    this.#end();
    return claims;
  }

  #enqueue(event: number): void {
    const detail = this.#round.events.detail(event) as EnqueueDetail | undefined;
    this.#enqueued += sizeOf(detail?.jobs ?? []);
  }

  #grant(job: number): void {
    if (job === -1 || this.#granted.get(job) !== -1) return;
    this.#granted.set(job, 1);
    this.#grantedJobs++;
  }

  #refuse(event: number): void {
    const { events } = this.#round;
    const code = events.code(event);
    if (!isRefusal(code)) return;
    if (this.#refusals?.code !== code) {
      this.#end();
      this.#refusals = { code, first: event, bots: new Set(), last: event, count: 0 };
    }
    this.#refusals.last = event;
    this.#refusals.count++;
    this.#refusals.bots.add(events.bot(event));
  }

  #end(): void {
    const refusals = this.#refusals;
    this.#refusals = undefined;
    if (refusals === undefined || refusals.count < this.#least || refusals.bots.size < 2) return;
    const waiting = this.#enqueued - this.#grantedJobs;
    if (waiting > 0) this.#findings.add(() => this.#tell(refusals, waiting));
  }

  #tell({ code, first, last, count, bots }: Refusals, waiting: number): Case {
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
