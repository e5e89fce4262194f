import type { Case, RoundEvidence, WitnessEvidence } from "./check.ts";
import type { Findings } from "./findings.ts";
import { commitText } from "./witness-notes.ts";
import { stepsOf } from "./witnessed-jobs.ts";
import type { Accusations, Step } from "./witnessed-jobs.ts";

/**
 * D3, by what the database committed: a completion says in its effect which bot it was, so one by a bot that did not
 * hold the job shows also where neither bot was ever answered. Other settles do not say who they were.
 *
 * Returns how many jobs went from one bot to another, so that a former holder could have settled them.
 */
export function judgeCommittedSettles(
  round: RoundEvidence,
  accused: Accusations,
  findings: Findings,
): number {
  const { witness } = round;
  if (witness === null) return 0;
  const { transitions } = witness;
  const holders = new Map<number, number>();
  const handedOn = new Set<number>();
  for (const step of stepsOf(witness)) {
    const [job, bot] = [transitions.job(step.transition), transitions.bot(step.transition)];
    if (transitions.kind(step.transition) === "grant") {
      if ((holders.get(job) ?? bot) !== bot) handedOn.add(job);
      holders.set(job, bot);
    } else if (isByAnother(witness, step) && !accused.take(job)) {
      findings.add(() => tell(round, witness, step));
    }
  }
  return handedOn.size;
}

function isByAnother({ transitions }: WitnessEvidence, { transition, before }: Step): boolean {
  if (transitions.kind(transition) !== "complete" || before === -1) return false;
  if (!transitions.isBotCertain(transition)) return false;
  const isHeld = transitions.kind(before) === "grant";
  return !isHeld || transitions.bot(before) !== transitions.bot(transition);
}

function tell(round: RoundEvidence, witness: WitnessEvidence, { transition, before }: Step): Case {
  const { transitions, changes } = witness;
  const [job, bot] = [transitions.job(transition), transitions.bot(transition)];
  const named = [before, transition].map((each) => transitions.change(each));
  const [since, when] = named.map((change) => commitText(witness, change));
  const whose = {
    grant: `it was granted to bot ${transitions.bot(before)}`,
    start: "it was started",
    complete: `bot ${transitions.bot(before)} had completed it`,
    release: "it was nobody's any more",
  }[transitions.kind(before)];
  return {
    summary: `job ${job}: a complete of bot ${bot} was committed (${when}), though ${whose} (${since})`,
    round: round.round,
    job,
    bots: [...new Set([transitions.bot(before), bot].filter((each) => each !== -1))],
    events: [],
    changes: named.map((change) => changes.change(change)),
  };
}
