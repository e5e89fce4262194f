import { nsPerMs } from "../base/clock.ts";
import type { FailDetail, RetryRule, RoundDetail } from "../history/event.ts";
import { grantedAttempt } from "../history/job-logs.ts";
import type { RescueSpan } from "../history/rescues.ts";
import { notesOf } from "../history/rounds.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, timeText } from "./findings.ts";
import { judgeCommittedGrants } from "./granted-while-held.ts";
import { leasesOf } from "./leases.ts";
import type { Leases } from "./leases.ts";
import { joined, resolvedText } from "./witness-notes.ts";
import { Accusations } from "./witnessed-jobs.ts";

/**
 * D1. A grant is legal when nobody holds the job. Who holds it follows from the answers, because a bot settles only
 * what it was granted:
 *
 * - A holder lets go by `fail`, at the earliest when that was asked for: the job may be granted to another before the
 *   answer is back. A `fail` that failed or matched nothing lets go of nothing; one whose outcome is unknown may have,
 *   so the next grant is no proof.
 * - A `complete` never lets go. If it happened, the job is done and may not be granted; if it did not (its outcome was
 *   unknown), the holder still has it: either way the next grant is wrong.
 * - A rescue takes the job from a holder that may not even know yet that it is one: the answer to its claim can come
 *   after the job was granted to the next. So a rescue excuses a grant whenever it can lie between the two, in the one
 *   order or the other; where attempts are told, they tell the order.
 * - Where claims have a lease, a job may be granted again once that has run out: to accuse, it must certainly have held
 *   when the answer to the later claim came (`leases.ts`).
 * - A `fail` that makes the job wait lets go of it when the wait is over: a grant whose answer came before is too early.
 * - `resume` grants nothing to a bot that was granted the job already: it tells that bot that it still holds it, and so
 *   that an unknown settle did not happen. To a bot that was not, it tells of a claim whose answer was lost, and that
 *   is a grant like any other.
 * - An attempt is never granted twice, whatever lies between.
 *
 * Where there is a witness, it adds what the answers do not show (`granted-while-held.ts`).
 */
export const singleGrant: Check = {
  name: "single-grant",
  property:
    "a job is granted again only after its claim was released or its lease ran out, and every grant carries a new attempt",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let grants = 0;
    for (const round of rounds) {
      const accused = new Accusations();
      const leases = leasesOf(round);
      const retries = notesOf<RoundDetail>(round, "round")[0]?.detail.retry;
      for (let log = 0; log < round.logs.length; log++) {
        const before = findings.count;
        grants += new JobHistory(round, log, { leases, retries, findings }).judge();
        accused.add(round.logs.job(log), findings.count - before);
      }
      judgeCommittedGrants(round, accused, findings);
    }
    if (grants === 0 && findings.count === 0) return inconclusive("no job was granted");
    return findings.judgement(witnessNote(rounds));
  },
};

function witnessNote(rounds: readonly RoundEvidence[]): string | undefined {
  const unheard = rounds.reduce(
    (sum, { witness }) => sum + (witness?.resolution.unheard.length ?? 0),
    0,
  );
  return joined(
    resolvedText(rounds, { ops: ["claim"], noun: "claim" }),
    unheard === 0 ? undefined : `${counted(unheard, "grant")} nobody was told of`,
  );
}

/** What the round says of its claims, and where to report what breaks it. */
interface Rules {
  readonly leases: Leases | null;
  readonly retries: RetryRule | undefined;
  readonly findings: Findings;
}

/** Of a job that failed under an attempt; one whose attempt is not told waits at least as long as the first. */
function leastWaitMs(rule: RetryRule | undefined, attempt: number): number {
  if (rule === undefined) return 0;
  const wait = rule.baseMs * 2 ** (Math.max(1, attempt) - 1);
  return Math.min(rule.capMs, wait) * (1 - rule.jitter);
}

interface Grant {
  readonly event: number;
  /** Where it was asked for: it took effect after that and before `event`. */
  readonly invoke: number;
  readonly bot: number;
  /** -1: the bot was not told. */
  readonly attempt: number;
}

interface Rescue extends RescueSpan {
  /** The attempt that it took away, where it was told. */
  readonly attempt: number | undefined;
}

interface Settle {
  readonly event: number;
  /** The grant it settled, as far as that is known. */
  readonly by: Grant | undefined;
  /** The grants that may have ended with it: more than one where nothing tells whose the job was. */
  readonly ended: readonly Grant[];
}

/** The holders of one job as they change along its log; in a legal history there is hardly ever more than one. */
class JobHistory {
  readonly #round: RoundEvidence;
  readonly #log: number;
  readonly #leases: Leases | null;
  readonly #retries: RetryRule | undefined;
  readonly #findings: Findings;
  #holders: readonly Grant[] = [];
  /** The latest grant, held or not. */
  #latest: Grant | undefined;
  /** The latest settle that may have happened. */
  #settle: Settle | undefined;
  /** The `complete` after which nobody may be granted the job. */
  #completed: Settle | undefined;
  /** In the order in which they were asked for, which is also the order in which they ended. */
  readonly #rescues: Rescue[] = [];
  /** The latest `fail` that was accepted and made the job wait. */
  #retry: Retry | undefined;
  /** Of two holders, one was rescued, and nothing tells which. */
  #isAmbiguous = false;

  constructor(round: RoundEvidence, log: number, { leases, retries, findings }: Rules) {
    this.#round = round;
    this.#log = log;
    this.#leases = leases;
    this.#retries = retries;
    this.#findings = findings;
  }

  /** Returns the number of grants. */
  judge(): number {
    const { logs } = this.#round;
    let grants = 0;
    for (let entry = logs.from(this.#log); entry < logs.to(this.#log); entry++) {
      grants += this.#take(logs.event(entry));
    }
    return grants;
  }

  #take(event: number): 0 | 1 {
    const op = this.#round.events.op(event);
    if (op === "claim") {
      this.#takeGrant(this.#grantOf(event));
      return 1;
    }
    if (op === "resume") return this.#takeResume(this.#grantOf(event));
    if (op === "complete" || op === "fail") this.#takeSettle(event);
    if (op === "rescue") this.#takeRescue(event);
    if (op === "redrive") this.#retry = undefined;
    if (op === "enqueue") this.#beginAnew();
    return 0;
  }

  #takeGrant(grant: Grant): void {
    const rival = this.#completed?.by ?? this.#holders.at(-1);
    const latest = this.#latest;
    if (latest !== undefined && grant.attempt !== -1 && grant.attempt === latest.attempt) {
      this.#accuse(grant, latest);
    } else if (rival !== undefined) {
      const isLate = this.#mayHaveLost(grant, rival);
      const isFree = !this.#isDone() && this.#mayHaveLost(rival, grant);
      if (isLate && !isFree) return;
      this.#isAmbiguous = isLate;
      if (!isFree) this.#accuse(grant, rival);
      else if (!isLate) this.#holders = [];
    } else if (this.#isEarly(grant)) {
      this.#accuseEarly(grant);
    }
    this.#retry = undefined;
    if (!this.#isDone()) this.#completed = undefined;
    this.#holders = [...this.#holders, grant];
    this.#latest = grant;
  }

  #takeResume(grant: Grant): 0 | 1 {
    const isKnown = this.#holders.some((holder) => isSameClaim(holder, grant));
    if (isKnown) return 0;
    const settle = this.#settle;
    const isUndone =
      settle !== undefined &&
      settle.ended.some((ended) => isSameClaim(ended, grant)) &&
      this.#outcome(settle.event) !== "ok" &&
      this.#holders.length === 0;
    if (!isUndone) {
      this.#takeGrant(grant);
      return 1;
    }
    if (this.#completed === settle) this.#completed = undefined;
    this.#holders = [grant];
    return 0;
  }

  #takeSettle(event: number): void {
    if (!this.#mayHaveHappened(event)) return;
    const bot = this.#round.events.bot(event);
    const by = this.#holders.find((holder) => holder.bot === bot);
    // A bot that lost the job asks in vain; only an answer to the contrary shows that it was heard.
    if (by === undefined && this.#outcome(event) !== "ok") return;
    const settled = by ?? this.#latest;
    const isAmbiguous = this.#isAmbiguous;
    const ended = isAmbiguous ? this.#holders : settled === undefined ? [] : [settled];
    this.#holders = isAmbiguous ? [] : this.#holders.filter((holder) => holder !== by);
    this.#isAmbiguous = false;
    this.#settle = { event, by: settled, ended };
    if (this.#round.events.op(event) === "complete") this.#completed = this.#settle;
    else if (by === undefined) this.#retry = undefined;
    else this.#retry = this.#retryOf(event, isAmbiguous ? undefined : by);
  }

  /** The wait that an accepted `fail` tells of, reckoned from the earliest moment at which it can have begun. */
  #retryOf(event: number, by: Grant | undefined): Retry | undefined {
    const { events, operations } = this.#round;
    const operation = operations.at(event);
    if (operations.outcome(operation) !== "ok") return undefined;
    const detail = events.detail(operations.complete(operation)) as FailDetail | undefined;
    // A dead job waits for nothing but a redrive, and that makes it free at once.
    if (detail?.status === "dead") return undefined;
    const ruledMs = leastWaitMs(this.#retries, operations.attempt(operation));
    const waitMs = Math.max(detail?.retryInMs ?? 0, ruledMs);
    return waitMs === 0 ? undefined : { event, by, dueNs: events.t(event) + waitMs * nsPerMs };
  }

  /**
   * Granted for certain after the `fail` that made it wait, and before the wait was over. A grant that was asked for
   * before that `fail` came after it too, unless one of the two claims may have been taken away from the one before
   * the other was granted: whoever fails a job holds it until then.
   */
  #isEarly(grant: Grant): boolean {
    const retry = this.#retry;
    if (retry === undefined || this.#round.events.t(grant.event) >= retry.dueNs) return false;
    if (grant.invoke >= retry.event) return true;
    const { by } = retry;
    if (by === undefined) return false;
    return !this.#mayHaveLost(grant, by) && !this.#mayHaveLost(by, grant);
  }

  #takeRescue(event: number): void {
    const { rescues, logs } = this.#round;
    const span = rescues.span(event);
    if (span === undefined) return;
    const { attempt } = rescues.claim(event, logs.job(this.#log));
    this.#rescues.push({ ...span, attempt });
  }

  #beginAnew(): void {
    this.#holders = [];
    this.#latest = undefined;
    this.#settle = undefined;
    this.#completed = undefined;
    this.#retry = undefined;
    this.#isAmbiguous = false;
  }

  /** Whether the claim of `earlier` may have ended before the job was granted to `later`, though nobody settled it. */
  #mayHaveLost(earlier: Grant, later: Grant): boolean {
    const areOrdered = earlier.attempt !== -1 && later.attempt !== -1;
    if (areOrdered && earlier.attempt > later.attempt) return false;
    return this.#mayHaveExpired(earlier, later) || this.#mayHaveBeenRescued(earlier, later);
  }

  #mayHaveExpired(earlier: Grant, later: Grant): boolean {
    const end = this.#leases?.end(this.#log, earlier, later.event);
    return end !== undefined && end.heldUntilNs <= this.#round.events.t(later.event);
  }

  /** Whether a rescue may have taken the job from `earlier` before it was granted to `later`. */
  #mayHaveBeenRescued(earlier: Grant, later: Grant): boolean {
    const { nameless } = this.#round.rescues;
    const isBefore = ({ invoke }: RescueSpan): boolean => invoke < later.event;
    for (let at = this.#rescues.length - 1; at >= 0; at--) {
      const rescue = this.#rescues[at] as Rescue;
      if (rescue.end <= earlier.invoke) break;
      const isOfAnother =
        rescue.attempt !== undefined &&
        earlier.attempt !== -1 &&
        rescue.attempt !== earlier.attempt;
      if (isBefore(rescue) && !isOfAnother) return true;
    }
    return nameless.some((rescue) => rescue.end > earlier.invoke && isBefore(rescue));
  }

  /** A completion that was acknowledged. */
  #isDone(): boolean {
    return this.#completed !== undefined && this.#outcome(this.#completed.event) === "ok";
  }

  #mayHaveHappened(event: number): boolean {
    const outcome = this.#outcome(event);
    return outcome === "ok" || outcome === "unknown";
  }

  #outcome(event: number): string {
    const { operations } = this.#round;
    return operations.outcome(operations.at(event));
  }

  #grantOf(event: number): Grant {
    const { events, logs, operations } = this.#round;
    const attempt = grantedAttempt(this.#round, event, logs.job(this.#log));
    const invoke = operations.invoke(operations.at(event));
    return { event, invoke, bot: events.bot(event), attempt };
  }

  #accuse(grant: Grant, earlier: Grant): void {
    this.#findings.add(() => this.#tell(grant, earlier));
  }

  #tell(grant: Grant, earlier: Grant): Case {
    const { events, round, logs } = this.#round;
    const job = logs.job(this.#log);
    const completed = this.#completed?.by === earlier ? this.#completed.event : undefined;
    const between = completed === undefined ? [] : [completed];
    const attempts = [earlier.attempt, grant.attempt].filter((attempt) => attempt !== -1);
    return {
      summary:
        `job ${job} was granted to ${this.#grantText(earlier)} and to ${this.#grantText(grant)} ` +
        this.#betweenText(grant, earlier, completed),
      round,
      job,
      bots: [earlier.bot, grant.bot],
      ...(attempts.length === 0 ? {} : { attempts }),
      events: [earlier.event, ...between, grant.event].map((event) => events.event(event)),
    };
  }

  #accuseEarly(grant: Grant): void {
    const { event: fail, dueNs } = this.#retry as Retry;
    this.#findings.add(() => {
      const { events, round, logs } = this.#round;
      const job = logs.job(this.#log);
      const due = `t=${(dueNs / nsPerMs).toFixed(3)} ms`;
      return {
        summary:
          `job ${job} was granted to ${this.#grantText(grant)} before its retry was due: bot ${events.bot(fail)} ` +
          `failed it (${timeText(this.#round, fail)}), and it was to wait until ${due} at least`,
        round,
        job,
        bots: [events.bot(fail), grant.bot],
        events: [fail, grant.event].map((event) => events.event(event)),
      };
    });
  }

  #grantText({ bot, attempt, event }: Grant): string {
    const named = attempt === -1 ? "" : `attempt ${attempt}, `;
    return `bot ${bot} (${named}${timeText(this.#round, event)})`;
  }

  #betweenText(grant: Grant, earlier: Grant, completed: number | undefined): string {
    if (completed !== undefined) {
      return `though bot ${earlier.bot} asked to complete it (${timeText(this.#round, completed)})`;
    }
    if (grant.attempt !== -1 && grant.attempt === earlier.attempt) return "under the same attempt";
    return "with no settle between them";
  }
}

interface Retry {
  /** The invoke of the `fail`. */
  readonly event: number;
  /** The grant that it let go of, where that is known. */
  readonly by: Grant | undefined;
  /** Until then it must wait, at least. */
  readonly dueNs: number;
}

/** The same bot, and no attempts that tell two claims of it apart. */
function isSameClaim(one: Grant, other: Grant): boolean {
  if (one.bot !== other.bot) return false;
  return one.attempt === -1 || other.attempt === -1 || one.attempt === other.attempt;
}
