import { difference, jobSet, jobsText, sizeOf } from "../history/job-set.ts";
import type { JobSet } from "../history/job-set.ts";
import { phasesOf } from "../history/rounds.ts";
import { waitingJobs } from "./waiting-jobs.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { finalOf, roundsText } from "./inspections.ts";
import { terminalStates } from "./job-states.ts";
import { unwoken } from "./unwoken.ts";
import type { Unwoken } from "./unwoken.ts";

/**
 * Once the faults are healed the bots get time to finish: then no job may be left waiting or held. A dead job is finished.
 * A run that was interrupted did not give them that time, so what it left proves nothing; nor does a job that may still
 * have been waiting for its retry when the time was over, or one of the same key, whose turn it was not
 * (`waiting-jobs.ts`).
 */
export const drained: Check = {
  name: "drained",
  property: "after the faults every job reaches a final state within the time given",
  judge: (evidence: Evidence): Judgement => {
    const { rounds, foreign } = evidence;
    const findings = new Findings();
    const unseen: RoundEvidence[] = [];
    let [jobs, waiting] = [0, 0];
    for (const round of rounds) {
      const final = finalOf(round);
      if (final === undefined || wasInterrupted(round)) {
        unseen.push(round);
        continue;
      }
      const excused = waitingJobs(round, final.index);
      for (const { status, ids } of final.detail.jobs) {
        jobs += sizeOf(ids);
        if (terminalStates.has(status)) continue;
        const left = status === "pending" ? difference(jobSet(ids), excused) : jobSet(ids);
        waiting += sizeOf(ids) - sizeOf(left);
        const why = status === "pending" ? unwoken(evidence, round) : undefined;
        addLeft(round, { status, ids: left, why }, findings);
      }
    }
    if (rounds.length === 0) return inconclusive("no round was recorded");
    if (unseen.length > 0) {
      const note = `no drain was seen to its end in ${roundsText(rounds, unseen)}`;
      const isLeftOut = foreign && unseen.length === rounds.length;
      return isLeftOut ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    if (jobs === 0) return inconclusive("there was no job");
    if (waiting > 0) return findings.inconclusiveUnlessFound(waitingText(waiting));
    return findings.judgement(`${counted(jobs, "job")} at the end`);
  },
};

function waitingText(jobs: number): string {
  return `${counted(jobs, "job")} may still have been waiting for a retry when the drain ended: give it more time`;
}

function wasInterrupted(round: RoundEvidence): boolean {
  return phasesOf(round).some(({ note }) => note === "interrupted");
}

interface Left {
  readonly status: string;
  readonly ids: JobSet;
  readonly why: Unwoken | undefined;
}

function addLeft(round: RoundEvidence, { status, ids: jobs, why }: Left, findings: Findings): void {
  const [range] = jobs;
  if (range === undefined) return;
  findings.add(() => {
    const left = `${counted(sizeOf(jobs), "job")} still ${status} after the drain: ${jobsText(jobs)}`;
    return explained(tell(round, range[0], left), round, why);
  });
  findings.addUntold(sizeOf(jobs) - 1);
}

function explained(told: Case, { events }: RoundEvidence, why: Unwoken | undefined): Case {
  if (why === undefined) return told;
  const summary = `${told.summary}; ${why.text}`;
  if (why.event === undefined) return { ...told, summary };
  return { ...told, summary, events: [...told.events, events.event(why.event)] };
}

/** With the last that was heard of the first of them. */
function tell(round: RoundEvidence, job: number, left: string): Case {
  const { logs, events, operations } = round;
  for (let log = 0; log < logs.length; log++) {
    if (logs.job(log) !== job) continue;
    const operation = operations.at(logs.event(logs.to(log) - 1));
    const answer = operations.complete(operation);
    const last = answer === -1 ? operations.invoke(operation) : answer;
    const heard = `${events.op(last)} ${events.type(last)} of bot ${events.bot(last)} (${timeText(round, last)})`;
    const summary = `${left}; the last heard of job ${job} is ${heard}`;
    return {
      summary,
      round: round.round,
      job,
      bots: [events.bot(last)],
      events: [events.event(last)],
    };
  }
  return { summary: `${left}; job ${job} was never granted`, round: round.round, job, events: [] };
}
