import { contains, jobSet } from "../history/job-set.ts";
import type { JobSet } from "../history/job-set.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { Findings, notJudged, timeText } from "./findings.ts";
import { commitText } from "./witness-notes.ts";
import { finalOf } from "./inspections.ts";
import type { Inspection } from "./inspections.ts";
import type { FinalDetail } from "../history/event.ts";

/**
 * A `complete ok` makes a job terminal. Whatever was asked for after that answer must find it so: nobody is granted the
 * job, no further settle of it is accepted, nobody rescues it, and in the tables it is `succeeded` at the end.
 * What was in flight when the answer came may have been first. Where there is a witness, a job that the database
 * recorded as succeeded and then as something else is found whoever was told.
 */
export const terminalStates: Check = {
  name: "terminal-states",
  property: "a job that was completed stays completed",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let completed = 0;
    for (const round of rounds) {
      const final = finalOf(round);
      const succeeded = final === undefined ? undefined : succeededIn(final.detail);
      const accused = new Set<number>();
      for (let log = 0; log < round.logs.length; log++) {
        const done = firstCompletion(round, log);
        if (done === undefined) continue;
        completed++;
        const before = findings.count;
        findLaterChange(round, log, { done, findings });
        if (succeeded !== undefined && final !== undefined) {
          findReturn(round, log, { done, final, succeeded, findings });
        }
        if (findings.count > before) accused.add(round.logs.job(log));
      }
      findCommittedReturns(round, accused, findings);
    }
    if (completed === 0 && findings.count === 0) return notJudged("no job was completed");
    return findings.judgement();
  },
};

/** Index of the answer that made the job terminal; a job that was enqueued once more begins anew. */
function firstCompletion(
  { events, logs, operations }: RoundEvidence,
  log: number,
): number | undefined {
  let completion: number | undefined;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    if (events.op(event) === "enqueue") completion = undefined;
    if (events.op(event) !== "complete" || completion !== undefined) continue;
    const operation = operations.at(event);
    if (operations.outcome(operation) === "ok") completion = operations.complete(operation);
  }
  return completion;
}

const whatChanged: Readonly<Record<string, string>> = {
  claim: "was granted to",
  resume: "was still held by",
  start: "was started by",
  complete: "was completed again by",
  fail: "was failed by",
};

function changeText({ events }: RoundEvidence, event: number): string {
  const what = whatChanged[events.op(event)];
  return what === undefined ? "was rescued" : `${what} bot ${events.bot(event)}`;
}

/** At most one a job: what follows a job's return from the dead is no further violation. */
function findLaterChange(
  round: RoundEvidence,
  log: number,
  { done, findings }: { readonly done: number; readonly findings: Findings },
): void {
  const { logs, operations } = round;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const operation = operations.at(logs.event(entry));
    const isLater = operations.invoke(operation) > done;
    if (!isLater || operations.outcome(operation) !== "ok") continue;
    const event = operations.complete(operation);
    findings.add(() => {
      const text = `${changeText(round, event)} (${timeText(round, event)})`;
      return tell(round, logs.job(log), { text, events: [done, event] });
    });
    return;
  }
}

interface Return {
  readonly done: number;
  readonly final: Inspection<FinalDetail>;
  readonly succeeded: JobSet;
  readonly findings: Findings;
}

function findReturn(round: RoundEvidence, log: number, wanted: Return): void {
  const { done, final, succeeded, findings } = wanted;
  const job = round.logs.job(log);
  if (contains(succeeded, job)) return;
  findings.add(() => {
    const status = final.detail.jobs.find(({ ids }) => contains(jobSet(ids), job))?.status;
    const text = status === undefined ? "is gone at the end" : `is ${status} at the end`;
    return tell(round, job, { text, events: [done] });
  });
}

/** By the database's own record; a row that is deleted is missed at the end, if it is missed. */
function findCommittedReturns(
  { round, witness }: RoundEvidence,
  accused: ReadonlySet<number>,
  findings: Findings,
): void {
  if (witness === null) return;
  const { changes, from, to } = witness;
  const succeeded = new Map<number, number>();
  for (let change = from; change < to; change++) {
    const job = changes.of(change) === "job" ? changes.job(change) : null;
    if (job === null || accused.has(job)) continue;
    const status = changes.status(change);
    const before = succeeded.get(job);
    if (status === "succeeded") succeeded.set(job, before ?? change);
    else succeeded.delete(job);
    if (before === undefined || status === "succeeded" || status === null) continue;
    findings.add(() => {
      const [since, now] = [commitText(witness, before), commitText(witness, change)];
      const summary = `job ${job} had succeeded (${since}), and was ${status} again (${now}), as the database recorded it`;
      const told = [before, change].map((each) => changes.change(each));
      return { summary, round, job, events: [], changes: told };
    });
  }
}

function succeededIn({ jobs }: FinalDetail): JobSet {
  return jobSet(jobs.filter(({ status }) => status === "succeeded").flatMap(({ ids }) => ids));
}

function tell(
  round: RoundEvidence,
  job: number,
  change: { readonly text: string; readonly events: readonly [number, ...number[]] },
): Case {
  const { events } = round;
  const [done] = change.events;
  const bots = change.events.map((event) => events.bot(event)).filter((bot) => bot !== -1);
  const since = `job ${job} was completed by bot ${events.bot(done)} (${timeText(round, done)})`;
  return {
    summary: `${since}, and ${change.text}`,
    round: round.round,
    job,
    bots: [...new Set(bots)],
    events: change.events.map((event) => events.event(event)),
  };
}
