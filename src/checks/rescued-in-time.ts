import { nsPerMs } from "../base/clock.ts";
import type { RoundDetail } from "../history/event.ts";
import { grantedAttempt } from "../history/job-logs.ts";
import { notesOf, phaseOf } from "../history/rounds.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { leasesOf } from "./leases.ts";
import type { LeasedGrant, Leases } from "./leases.ts";
import { joined } from "./witness-notes.ts";

/** What comes on top of the interval at which somebody looks: a busy machine stands still for so long. */
const slackMs = 1_000;

/**
 * A claim whose bot is gone blocks its job until somebody takes it back. Once a lease has run out, the job must be
 * rescued, granted again or settled within the interval at which expired claims are looked for, and a second; where the
 * history does not tell that interval, within as long again as the lease is, and a second at least. And nobody may be
 * rescued before: a rescue that takes a claim whose lease certainly holds takes it from a bot that is at work.
 *
 * ```
 *   bot 3   claim ok ───── lease ─────┤                    (nothing)
 *   job 9        ↑ not before         ├──── grace ────┤ ← by here it is rescued or granted again
 * ```
 *
 * Whatever may have ended the claim counts as its end; a claim of which the round does not see the end of the grace says
 * nothing. Nor does one that nobody looked for: it is late for certain only if a rescue that was asked for when the lease
 * had run out was answered and left it where it was.
 */
export const rescuedInTime: Check = {
  name: "rescued-in-time",
  property: "a job whose lease has run out is rescued or granted again in time, and none is before",
  judge: ({ rounds }: Evidence): Judgement => {
    if (rounds.length === 0) return inconclusive("no round was recorded");
    const findings = new Findings();
    const tally: Tally = { expired: 0, early: 0, unseen: 0, neglected: 0 };
    let leased = 0;
    for (const round of rounds) {
      const leases = leasesOf(round);
      if (leases === null) continue;
      leased++;
      const claims = new Claims(round, leases, { tally, findings });
      for (let log = 0; log < round.logs.length; log++) claims.judge(log);
    }
    if (leased === 0) return notJudged("claims have no lease that could run out");
    return judgementOf(tally, findings);
  },
};

interface Tally {
  /** Leases that ran out, and of which it was seen what became of them. */
  expired: number;
  /** Claims that were rescued before their leases ran out. */
  early: number;
  /** Leases that ran out too close to the end. */
  unseen: number;
  /** Leases that ran out and that nobody looked for in time. */
  neglected: number;
}

function judgementOf({ expired, early, unseen, neglected }: Tally, findings: Findings): Judgement {
  const ran =
    expired === 0 ? undefined : `${counted(expired, "lease")} ran out while the job was held`;
  const late =
    neglected === 0
      ? undefined
      : `nobody looked for ${counted(neglected, "expired lease")} in time`;
  if (late !== undefined) return findings.inconclusiveUnlessFound(joined(ran, late) as string);
  if (expired > 0 || early > 0) return findings.judgement(ran);
  if (unseen === 0) return notJudged("no lease ran out");
  const ended = `the round ended before ${counted(unseen, "expired lease")} had to be rescued`;
  return findings.inconclusiveUnlessFound(ended);
}

class Claims {
  readonly #round: RoundEvidence;
  readonly #leases: Leases;
  readonly #graceNs: number;
  readonly #endNs: number;
  /** Null: the history does not tell who looks, and when. */
  readonly #looks: readonly Look[] | null;
  readonly #tally: Tally;
  readonly #findings: Findings;

  constructor(
    round: RoundEvidence,
    leases: Leases,
    { tally, findings }: { readonly tally: Tally; readonly findings: Findings },
  ) {
    const everyMs = notesOf<RoundDetail>(round, "round")[0]?.detail.rescueEveryMs;
    this.#round = round;
    this.#leases = leases;
    this.#graceNs = graceMs(leases.leaseMs, everyMs) * nsPerMs;
    this.#endNs = watchedUntil(round);
    this.#looks = everyMs === undefined ? null : looksOf(round);
    this.#tally = tally;
    this.#findings = findings;
  }

  judge(log: number): void {
    const { logs, events } = this.#round;
    let claim: LeasedGrant | undefined;
    let lastEnd = -1;
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if (op === "start" || op === "heartbeat" || !this.#mayHaveHappened(event)) continue;
      // Who is told what it holds already has the lease that it had.
      if (op === "resume" && claim?.bot === events.bot(event)) continue;
      if (claim !== undefined) this.#close(log, claim, event);
      const grant = op === "claim" || op === "resume" ? this.#grantOf(log, event) : undefined;
      // An answer that was long under way may tell of a claim that was over before it came.
      claim = grant !== undefined && grant.invoke > lastEnd ? grant : undefined;
      if (grant !== undefined || op === "rescue") lastEnd = Math.max(lastEnd, this.#endOf(event));
    }
    if (claim !== undefined) this.#close(log, claim, undefined);
  }

  /** By when what was asked for had happened. */
  #endOf(event: number): number {
    const { operations } = this.#round;
    const complete = operations.complete(operations.at(event));
    return complete === -1 ? event : complete;
  }

  #grantOf(log: number, event: number): LeasedGrant {
    const { events, operations, logs } = this.#round;
    const invoke = operations.invoke(operations.at(event));
    const attempt = grantedAttempt(this.#round, event, logs.job(log));
    return { event, invoke, bot: events.bot(event), attempt };
  }

  /** `by`: what may have ended the claim; undefined: nothing did. */
  #close(log: number, claim: LeasedGrant, by: number | undefined): void {
    const { events } = this.#round;
    if (by !== undefined && events.op(by) === "rescue" && this.#isEarly(log, claim, by)) return;
    const atNs = by === undefined ? this.#endNs : events.t(by);
    const { overByNs } = this.#leases.end(log, claim, by);
    if (atNs <= overByNs) return;
    const dueNs = overByNs + this.#graceNs;
    if (atNs > dueNs && !this.#wasLookedFor(overByNs, atNs)) this.#tally.neglected++;
    else if (by === undefined && atNs < dueNs) this.#tally.unseen++;
    else {
      this.#tally.expired++;
      if (atNs > dueNs) this.#findings.add(() => this.#tellLate(log, { claim, overByNs, by }));
    }
  }

  /** Reports a rescue that certainly took this claim, and certainly too early. */
  #isEarly(log: number, claim: LeasedGrant, rescue: number): boolean {
    const { events, operations, rescues, logs } = this.#round;
    const operation = operations.at(rescue);
    if (operations.outcome(operation) !== "ok" || claim.event > rescue) return false;
    const taken = rescues.claim(rescue, logs.job(log)).attempt;
    if (taken !== undefined && claim.attempt !== -1 && taken !== claim.attempt) return false;
    const answer = operations.complete(operation);
    const { heldUntilNs } = this.#leases.end(log, claim, rescue);
    if (events.t(answer) >= heldUntilNs) return false;
    this.#tally.early++;
    this.#findings.add(() => this.#tellEarly(log, { claim, heldUntilNs, answer }));
    return true;
  }

  /** Whether somebody looked for expired claims and was answered, when it had run out and before it ended. */
  #wasLookedFor(fromNs: number, toNs: number): boolean {
    const looks = this.#looks;
    if (looks === null) return true;
    let [low, high] = [0, looks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((looks[middle] as Look).fromNs <= fromNs) low = middle + 1;
      else high = middle;
    }
    return low < looks.length && (looks[low] as Look).toNs < toNs;
  }

  #tellLate(
    log: number,
    {
      claim,
      overByNs,
      by,
    }: { readonly claim: LeasedGrant; readonly overByNs: number; readonly by: number | undefined },
  ): Case {
    const ran = `whose lease ran out by ${msText(overByNs)}`;
    const ended =
      by === undefined
        ? "was never rescued"
        : `was ${this.#endText(by)} only at ${timeText(this.#round, by)}`;
    return this.#tell(log, claim, { text: `${ran}, ${ended}`, by });
  }

  #tellEarly(
    log: number,
    {
      claim,
      heldUntilNs,
      answer,
    }: { readonly claim: LeasedGrant; readonly heldUntilNs: number; readonly answer: number },
  ): Case {
    const held = `whose lease held until ${msText(heldUntilNs)} at least`;
    const text = `${held}, was rescued before (${timeText(this.#round, answer)})`;
    return this.#tell(log, claim, { text, by: answer });
  }

  #tell(
    log: number,
    { event, bot }: LeasedGrant,
    { text, by }: { readonly text: string; readonly by: number | undefined },
  ): Case {
    const { events, round, logs } = this.#round;
    const job = logs.job(log);
    const told = by === undefined ? [event] : [event, by];
    return {
      summary: `job ${job}, granted to bot ${bot} (${timeText(this.#round, event)}), ${text}`,
      round,
      job,
      bots: [bot],
      events: told.map((each) => events.event(each)),
    };
  }

  #endText(by: number): string {
    const op = this.#round.events.op(by);
    if (op === "rescue") return "rescued";
    return op === "claim" || op === "resume" ? "granted again" : "settled";
  }

  #mayHaveHappened(event: number): boolean {
    const { operations } = this.#round;
    const outcome = operations.outcome(operations.at(event));
    return outcome === "ok" || outcome === "unknown";
  }
}

function graceMs(leaseMs: number, everyMs: number | undefined): number {
  return everyMs === undefined ? Math.max(leaseMs, slackMs) : everyMs + slackMs;
}

/** Somebody looked for expired claims, and was answered. */
interface Look {
  readonly fromNs: number;
  readonly toNs: number;
}

/** In order: the harness looks once at a time. */
function looksOf({ operations, events }: RoundEvidence): readonly Look[] {
  const looks: Look[] = [];
  for (let operation = 0; operation < operations.length; operation++) {
    if (operations.op(operation) !== "rescue") continue;
    const outcome = operations.outcome(operation);
    if (outcome !== "ok" && outcome !== "empty") continue;
    const [from, to] = [operations.invoke(operation), operations.complete(operation)];
    looks.push({ fromNs: events.t(from), toNs: events.t(to) });
  }
  return looks;
}

/** Until then somebody was there to rescue: to the end of the drain, or of the round. */
function watchedUntil(round: RoundEvidence): number {
  const { events, from, to } = round;
  return phaseOf(round, "drain")?.toNs ?? events.t(Math.max(from, to - 1));
}

function msText(ns: number): string {
  return `t=${(ns / nsPerMs).toFixed(3)} ms`;
}
