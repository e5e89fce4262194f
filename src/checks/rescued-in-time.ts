import { nsPerMs } from "../base/clock.ts";
import type { RoundDetail } from "../history/event.ts";
import { notesOf, phaseOf } from "../history/rounds.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";

/** A rescue may come as much later as a lease is long, and never has less than this. */
const leastGraceMs = 1_000;

/**
 * A claim whose bot is gone blocks its job until somebody takes it back. Once a lease has run out, the job must be
 * rescued, granted again or settled within as long again as the lease is, and a second at least.
 *
 * ```
 *   bot 3   claim ok ───── lease ─────┤                    (nothing)
 *   job 9                             ├──── grace ────┤ ← by here it is rescued or granted again
 * ```
 *
 * A lease begins at the latest when its claim was answered, and anew when a heartbeat was. Whatever may have ended the
 * claim counts as its end; a claim of which the round does not see the end of the grace says nothing.
 */
export const rescuedInTime: Check = {
  name: "rescued-in-time",
  property: "a job whose lease has run out is rescued or granted again in time",
  judge: ({ rounds }: Evidence): Judgement => {
    if (rounds.length === 0) return inconclusive("no round was recorded");
    const findings = new Findings();
    const tally: Tally = { expired: 0, unseen: 0 };
    let leased = 0;
    for (const round of rounds) {
      const leaseMs = leaseOf(round);
      if (leaseMs === undefined) continue;
      leased++;
      const leases = new Leases(round, leaseMs, { tally, findings });
      for (let log = 0; log < round.logs.length; log++) leases.judge(log);
    }
    if (leased === 0) return notJudged("claims have no lease that could run out");
    if (tally.expired > 0) {
      return findings.judgement(
        `${counted(tally.expired, "lease")} ran out while the job was held`,
      );
    }
    if (tally.unseen === 0) return notJudged("no lease ran out");
    const ended = `the round ended before ${counted(tally.unseen, "expired lease")} had to be rescued`;
    return findings.inconclusiveUnlessFound(ended);
  },
};

interface Tally {
  /** Leases that ran out, and of which it was seen what became of them. */
  expired: number;
  /** Leases that ran out too close to the end. */
  unseen: number;
}

/** Undefined where claims have no lease. */
function leaseOf(round: RoundEvidence): number | undefined {
  return notesOf<RoundDetail>(round, "round")[0]?.detail.leaseMs;
}

interface Claim {
  readonly event: number;
  readonly bot: number;
  /** When the lease has certainly run out. */
  untilNs: number;
}

class Leases {
  readonly #round: RoundEvidence;
  readonly #leaseNs: number;
  readonly #graceNs: number;
  readonly #endNs: number;
  readonly #tally: Tally;
  readonly #findings: Findings;
  readonly #heartbeats: ReadonlyMap<number, readonly number[]>;

  constructor(
    round: RoundEvidence,
    leaseMs: number,
    { tally, findings }: { readonly tally: Tally; readonly findings: Findings },
  ) {
    this.#round = round;
    this.#leaseNs = leaseMs * nsPerMs;
    this.#graceNs = Math.max(leaseMs, leastGraceMs) * nsPerMs;
    this.#endNs = watchedUntil(round);
    this.#tally = tally;
    this.#findings = findings;
    this.#heartbeats = heartbeatsByJob(round);
  }

  judge(log: number): void {
    const { logs, events } = this.#round;
    let claim: Claim | undefined;
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if (op === "start" || !this.#mayHaveHappened(event)) continue;
      if (claim !== undefined) this.#close(claim, events.t(event), event);
      const isGrant = op === "claim" || op === "resume";
      const next = this.#nextHappening(log, entry);
      claim = isGrant ? this.#claimOf(logs.job(log), event, next) : undefined;
    }
    if (claim !== undefined) this.#close(claim, this.#endNs, undefined);
  }

  /** The next entry that may have ended a claim. */
  #nextHappening(log: number, entry: number): number {
    const { logs, events } = this.#round;
    for (let next = entry + 1; next < logs.to(log); next++) {
      const event = logs.event(next);
      if (events.op(event) !== "start" && this.#mayHaveHappened(event)) return event;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** With the heartbeats of its bot up to the next that happened to the job. */
  #claimOf(job: number, event: number, next: number): Claim {
    const { events } = this.#round;
    const bot = events.bot(event);
    const beat = this.#heartbeats
      .get(job)
      ?.findLast((each) => each > event && each < next && events.bot(each) === bot);
    return { event, bot, untilNs: events.t(beat ?? event) + this.#leaseNs };
  }

  #close({ event, bot, untilNs }: Claim, atNs: number, by: number | undefined): void {
    if (atNs <= untilNs) return;
    const dueNs = untilNs + this.#graceNs;
    if (by === undefined && atNs < dueNs) {
      this.#tally.unseen++;
      return;
    }
    this.#tally.expired++;
    if (atNs > dueNs) this.#findings.add(() => this.#tell({ event, bot, untilNs }, by));
  }

  #tell({ event, bot, untilNs }: Claim, by: number | undefined): Case {
    const { events, round } = this.#round;
    const job = events.job(event);
    const ran = `whose lease ran out by t=${(untilNs / nsPerMs).toFixed(3)} ms`;
    const ended =
      by === undefined ? "was never rescued" : `was rescued only at ${timeText(this.#round, by)}`;
    const told = by === undefined ? [event] : [event, by];
    return {
      summary: `job ${job}, granted to bot ${bot} (${timeText(this.#round, event)}), ${ran}, ${ended}`,
      round,
      job,
      bots: [bot],
      events: told.map((each) => events.event(each)),
    };
  }

  #mayHaveHappened(event: number): boolean {
    const { operations } = this.#round;
    const outcome = operations.outcome(operations.at(event));
    return outcome === "ok" || outcome === "unknown";
  }
}

/** Until then somebody was there to rescue: to the end of the drain, or of the round. */
function watchedUntil(round: RoundEvidence): number {
  const { events, from, to } = round;
  return phaseOf(round, "drain")?.toNs ?? events.t(Math.max(from, to - 1));
}

/** Answers of heartbeats that may have made a lease longer. */
function heartbeatsByJob({ operations }: RoundEvidence): ReadonlyMap<number, readonly number[]> {
  const beats = new Map<number, number[]>();
  for (let operation = 0; operation < operations.length; operation++) {
    if (operations.op(operation) !== "heartbeat") continue;
    const outcome = operations.outcome(operation);
    if (outcome !== "ok" && outcome !== "unknown") continue;
    const complete = operations.complete(operation);
    const event = complete === -1 ? operations.invoke(operation) : complete;
    const job = operations.job(operation);
    const known = beats.get(job);
    if (known === undefined) beats.set(job, [event]);
    else known.push(event);
  }
  return beats;
}
