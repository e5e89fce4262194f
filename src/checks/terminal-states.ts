import { contains, jobSet } from "../history/job-set.ts";
import type { JobSet } from "../history/job-set.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { Findings, notJudged, timeText } from "./findings.ts";
import { commitText } from "./witness-notes.ts";
import { finalOf } from "./inspections.ts";
import type { FailDetail, FinalDetail, JobRange, RedriveDetail } from "../history/event.ts";

/**
 * A `complete ok` makes a job terminal, and so does a `fail` or a `rescue` that says that it left the job dead. Whatever
 * was asked for after that answer must find it so: nobody is granted the job, no further settle or heartbeat of it is
 * accepted, nobody rescues it, and in the tables it is `succeeded`, or `dead`, at the end. Only a `redrive` brings a dead
 * job back, and an `enqueue` begins anew.
 * What was in flight when the answer came may have been first. Where there is a witness, a job that the database
 * recorded as succeeded or dead and then as something else is found whoever was told.
 */
export const terminalStates: Check = {
  name: "terminal-states",
  property: "a job that was completed stays completed, and a dead one dead until it is redriven",
  judge: ({ rounds }: Evidence): Judgement => {
    const findings = new Findings();
    let ended = 0;
    for (const round of rounds) {
      const final = finalStates(round);
      const redriven = redrivenJobs(round);
      const accused = new Set<number>();
      for (let log = 0; log < round.logs.length; log++) {
        const before = findings.count;
        const end = judgeLog(round, log, { redriven, findings });
        if (end === undefined && findings.count === before) continue;
        ended++;
        if (end !== undefined && final !== undefined && findings.count === before) {
          findReturn(round, log, { end, final, findings });
        }
        if (findings.count > before) accused.add(round.logs.job(log));
      }
      findCommittedReturns(round, { accused, redriven, findings });
    }
    if (ended === 0 && findings.count === 0) {
      return notJudged("no job was completed, and none was dead");
    }
    return findings.judgement();
  },
};

/** What made a job terminal, and as what. */
interface End {
  /** Index of the answer. */
  readonly event: number;
  readonly status: "succeeded" | "dead";
}

/** Jobs that may have been redriven: those that answers name, or, where an answer was lost, any. */
interface Redriven {
  readonly isLost: boolean;
  has(job: number): boolean;
}

function redrivenJobs({ events, operations }: RoundEvidence): Redriven {
  const ranges: JobRange[] = [];
  for (let operation = 0; operation < operations.length; operation++) {
    if (operations.op(operation) !== "redrive") continue;
    const outcome = operations.outcome(operation);
    const job = operations.job(operation);
    if (outcome === "unknown" && job === -1) return { isLost: true, has: () => true };
    if (outcome !== "ok" && outcome !== "unknown") continue;
    if (job !== -1) ranges.push([job, job]);
    const complete = operations.complete(operation);
    const detail = complete === -1 ? undefined : events.detail(complete);
    ranges.push(...((detail as RedriveDetail | undefined)?.jobs ?? []));
  }
  const jobs = jobSet(ranges);
  return { isLost: false, has: (job) => contains(jobs, job) };
}

/**
 * Reports the first thing that happened to the job when it had ended: what follows its return from the dead is no
 * further violation. A job that was enqueued once more begins anew, and so does a dead one that was redriven. Returns
 * what made it terminal for good.
 */
function judgeLog(
  round: RoundEvidence,
  log: number,
  { redriven, findings }: { readonly redriven: Redriven; readonly findings: Findings },
): End | undefined {
  const { events, logs, operations } = round;
  let end: End | undefined;
  let redrivenBy = -1;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    const complete = operations.complete(operations.at(event));
    if (op === "redrive") redrivenBy = complete === -1 ? Infinity : complete;
    if (op === "enqueue" || (op === "redrive" && end?.status === "dead")) end = undefined;
    else if (end === undefined) {
      const found = endBy(round, log, event);
      const mayBeBack = found?.status === "dead" && (redriven.isLost || redrivenBy > event);
      if (!mayBeBack) end = found;
    } else if (isLaterChange(round, event, end)) {
      const done = end;
      const text = `${changeText(round, complete)} (${timeText(round, complete)})`;
      const told = [done.event, complete] as const;
      findings.add(() => tell(round, logs.job(log), { text, end: done, events: told }));
      return undefined;
    }
  }
  return end;
}

function isLaterChange({ operations }: RoundEvidence, event: number, end: End): boolean {
  const operation = operations.at(event);
  return operations.invoke(operation) > end.event && operations.outcome(operation) === "ok";
}

/** Undefined where the operation did not end the job for certain. */
function endBy(
  { events, logs, operations, rescues }: RoundEvidence,
  log: number,
  event: number,
): End | undefined {
  const operation = operations.at(event);
  if (operations.outcome(operation) !== "ok") return undefined;
  const complete = operations.complete(operation);
  const op = events.op(event);
  if (op === "complete") return { event: complete, status: "succeeded" };
  const isDead =
    op === "fail"
      ? (events.detail(complete) as FailDetail | undefined)?.status === "dead"
      : op === "rescue" && rescues.claim(event, logs.job(log)).isDead === true;
  return isDead ? { event: complete, status: "dead" } : undefined;
}

const whatChanged: Readonly<Record<string, string>> = {
  claim: "was granted to",
  heartbeat: "was still held, by a heartbeat, by",
  resume: "was still held by",
  start: "was started by",
  complete: "was completed again by",
  fail: "was failed by",
};

function changeText({ events }: RoundEvidence, event: number): string {
  const what = whatChanged[events.op(event)];
  if (what !== undefined) return `${what} bot ${events.bot(event)}`;
  return events.op(event) === "redrive" ? "was redriven" : "was rescued";
}

/** The tables at the end, with the sets that every job is looked up in. */
interface FinalStates {
  readonly jobs: FinalDetail["jobs"];
  readonly ended: Readonly<Record<End["status"], JobSet>>;
}

function finalStates(round: RoundEvidence): FinalStates | undefined {
  const jobs = finalOf(round)?.detail.jobs;
  if (jobs === undefined) return undefined;
  const withStatus = (wanted: string): JobSet =>
    jobSet(jobs.filter(({ status }) => status === wanted).flatMap(({ ids }) => ids));
  return { jobs, ended: { succeeded: withStatus("succeeded"), dead: withStatus("dead") } };
}

interface Return {
  readonly end: End;
  readonly final: FinalStates;
  readonly findings: Findings;
}

function findReturn(round: RoundEvidence, log: number, { end, final, findings }: Return): void {
  const job = round.logs.job(log);
  if (contains(final.ended[end.status], job)) return;
  findings.add(() => {
    const status = final.jobs.find(({ ids }) => contains(jobSet(ids), job))?.status;
    const text = status === undefined ? "is gone at the end" : `is ${status} at the end`;
    return tell(round, job, { text, end, events: [end.event] });
  });
}

const terminal: ReadonlySet<string | null> = new Set(["succeeded", "failed", "dead"]);

/** By the database's own record; a row that is deleted is missed at the end, if it is missed. */
function findCommittedReturns(
  { round, witness }: RoundEvidence,
  known: {
    readonly accused: ReadonlySet<number>;
    readonly redriven: Redriven;
    readonly findings: Findings;
  },
): void {
  if (witness === null) return;
  const { changes, from, to } = witness;
  const ended = new Map<number, number>();
  for (let change = from; change < to; change++) {
    const job = changes.of(change) === "job" ? changes.job(change) : null;
    if (job === null || known.accused.has(job)) continue;
    const status = changes.status(change);
    const before = ended.get(job);
    const was = before === undefined ? null : changes.status(before);
    if (!terminal.has(status)) ended.delete(job);
    else if (status !== was) ended.set(job, change);
    if (before === undefined || status === was || status === null) continue;
    if (was !== "succeeded" && known.redriven.has(job)) continue;
    known.findings.add(() => {
      const [since, now] = [commitText(witness, before), commitText(witness, change)];
      const had = was === "succeeded" ? "had succeeded" : `was ${was}`;
      const summary = `job ${job} ${had} (${since}), and was ${status} again (${now}), as the database recorded it`;
      const told = [before, change].map((each) => changes.change(each));
      return { summary, round, job, events: [], changes: told };
    });
  }
}

function tell(
  round: RoundEvidence,
  job: number,
  change: {
    readonly text: string;
    readonly end: End;
    readonly events: readonly [number, ...number[]];
  },
): Case {
  const { events } = round;
  const [done] = change.events;
  const bots = change.events.map((event) => events.bot(event)).filter((bot) => bot !== -1);
  const by = events.bot(done) === -1 ? "a rescue" : `bot ${events.bot(done)}`;
  const what = change.end.status === "dead" ? "left dead by" : "completed by";
  const since = `job ${job} was ${what} ${by} (${timeText(round, done)})`;
  return {
    summary: `${since}, and ${change.text}`,
    round: round.round,
    job,
    bots: [...new Set(bots)],
    events: change.events.map((event) => events.event(event)),
  };
}
