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
 *   by operations that overlap: a job that was not released in between was taken away.
 * - A *phantom* is a grant that a bot was told of and that the database knows nothing of.
 */
export function judgeCommittedGrants(
  round: RoundEvidence,
  accused: Accusations,
  findings: Findings,
): void {
  const { witness } = round;
  if (witness === null) return;
  for (const { transition, before } of stepsOf(witness)) {
    const { transitions } = witness;
    if (transitions.kind(transition) !== "grant" || before === -1) continue;
    if (transitions.kind(before) === "release") continue;
    if (accused.take(transitions.job(transition))) continue;
    findings.add(() => tellTaken(round, witness, { transition, before }));
  }
  for (const operation of unwitnessed(round, ["claim"])) {
    findings.add(() => tellPhantom(round, operation));
  }
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
