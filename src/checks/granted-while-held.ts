import { nsPerMs } from "../base/clock.ts";
import type { Case, RoundEvidence, WitnessEvidence } from "./check.ts";
import type { Findings } from "./findings.ts";
import { timeText } from "./findings.ts";
import { commitText } from "./witness-notes.ts";
import { stepsOf, unwitnessed } from "./witnessed-jobs.ts";
import type { Accusations } from "./witnessed-jobs.ts";

/**
 * D1, by what the database committed: the grants that the bots' answers do not show.
 *
 * - A grant whose answer reached no bot counts like any other: it may have taken the job from its holder, and the next
 *   grant may have taken it from a bot that never knew. The row's changes are in commit order, so nothing is excused
 *   by operations that overlap: a job that was not released in between was taken away, unless the lease that its row
 *   told of had run out by the commit. Both times are the database's own.
 * - A job that had to wait, by its row, and was granted to somebody before is granted too early.
 * - A *phantom* is a grant that a bot was told of and that the database knows nothing of.
 */
export function judgeCommittedGrants(
  round: RoundEvidence,
  accused: Accusations,
  findings: Findings,
): void {
  const { witness } = round;
  if (witness === null) return;
  const times = new RowTimes(witness);
  for (const { transition, before } of stepsOf(witness)) {
    const { transitions } = witness;
    if (transitions.kind(transition) !== "grant") continue;
    times.advance(transitions.change(transition));
    const [job, at] = [transitions.job(transition), transitions.at(transition)];
    const isFree = before === -1 || transitions.kind(before) === "release";
    const until = isFree ? times.dueAt(job) : times.heldUntil(witness, before);
    // A commit whose time is not known can only be wrong where there is no time at which it would be right.
    if ((until !== Infinity && !(at < until)) || accused.take(job)) continue;
    if (isFree) findings.add(() => tellEarly(round, witness, { transition, dueNs: until }));
    else findings.add(() => tellTaken(round, witness, { transition, before }));
  }
  for (const operation of unwitnessed(round, ["claim"])) {
    findings.add(() => tellPhantom(round, operation));
  }
}

/** What the jobs' rows told, last before a change: until when a claim is good, and until when a job must wait. */
class RowTimes {
  readonly #witness: WitnessEvidence;
  readonly #leases = new Map<number, number>();
  readonly #dues = new Map<number, number>();
  #next: number;

  constructor(witness: WitnessEvidence) {
    this.#witness = witness;
    this.#next = witness.from;
  }

  /** Takes in what was changed before `change`; never goes back. */
  advance(change: number): void {
    const { changes } = this.#witness;
    for (; this.#next < change; this.#next++) {
      const job = changes.of(this.#next) === "job" ? changes.job(this.#next) : null;
      if (job === null) continue;
      remember(this.#leases, job, changes.leaseUntil(this.#next));
      remember(this.#dues, job, changes.dueAt(this.#next));
    }
  }

  /** Beginning of time: it need not wait. */
  dueAt(job: number): number {
    return this.#dues.get(job) ?? -Infinity;
  }

  /** A job that has succeeded is never free again, and a claim whose row tells of no lease lasts. */
  heldUntil({ transitions }: WitnessEvidence, before: number): number {
    if (transitions.kind(before) === "complete") return Infinity;
    return this.#leases.get(transitions.job(before)) ?? Infinity;
  }
}

function remember(times: Map<number, number>, job: number, time: number): void {
  if (Number.isNaN(time)) times.delete(job);
  else times.set(job, time);
}

function tellEarly(
  { round }: RoundEvidence,
  witness: WitnessEvidence,
  { transition, dueNs }: { readonly transition: number; readonly dueNs: number },
): Case {
  const { transitions, changes } = witness;
  const due = `t=${(dueNs / nsPerMs).toFixed(3)} ms`;
  return {
    summary:
      `job ${transitions.job(transition)} was granted to ${grantText(witness, transition)} before it was due (${due}), ` +
      "as the database recorded it",
    round,
    job: transitions.job(transition),
    bots: [transitions.bot(transition)],
    attempts: [transitions.attempt(transition)],
    events: [],
    changes: [changes.change(transitions.change(transition))],
  };
}

function tellTaken(
  { round, events, operations }: RoundEvidence,
  witness: WitnessEvidence,
  { transition, before }: { readonly transition: number; readonly before: number },
): Case {
  const { transitions, changes, resolution } = witness;
  const named = [before, transition].map((each) => transitions.change(each));
  const bots = [before, transition].map((each) => transitions.bot(each));
  const unheard = resolution.unheard.filter(({ change }) => named.includes(change));
  const asked = unheard.flatMap(({ operation }) =>
    operation === null ? [] : [events.event(operations.invoke(operation))],
  );
  return {
    summary:
      `job ${transitions.job(transition)} was granted to ${grantText(witness, transition)} ` +
      `${whenText(witness, before)}, as the database recorded it${untoldText(unheard)}`,
    round,
    job: transitions.job(transition),
    bots: [...new Set(bots.filter((bot) => bot !== -1))],
    attempts: [before, transition].map((each) => transitions.attempt(each)),
    events: asked,
    changes: named.map((change) => changes.change(change)),
  };
}

function grantText(witness: WitnessEvidence, transition: number): string {
  const { transitions } = witness;
  const when = commitText(witness, transitions.change(transition));
  return `bot ${transitions.bot(transition)} (attempt ${transitions.attempt(transition)}, ${when})`;
}

function whenText(witness: WitnessEvidence, before: number): string {
  const { transitions } = witness;
  if (transitions.kind(before) === "grant") return `while ${grantText(witness, before)} held it`;
  return `though it had succeeded (${commitText(witness, transitions.change(before))})`;
}

function untoldText(unheard: readonly { readonly bot: number }[]): string {
  const bots = [...new Set(unheard.map(({ bot }) => `bot ${bot}`))];
  return bots.length === 0 ? "" : `; ${bots.join(" and ")} never heard of it`;
}

function tellPhantom(round: RoundEvidence, operation: number): Case {
  const { events, operations } = round;
  const [bot, job] = [operations.bot(operation), operations.job(operation)];
  const answer = operations.complete(operation);
  return {
    summary: `phantom: bot ${bot} was told that job ${job} is its (${timeText(round, answer)}), and the database knows of no such grant`,
    round: round.round,
    job,
    bots: [bot],
    events: [events.event(operations.invoke(operation)), events.event(answer)],
  };
}
