import type { EnqueueDetail, FinalDetail } from "../history/event.ts";
import { contains, difference, jobSet, jobsText, sizeOf } from "../history/job-set.ts";
import type { JobSet } from "../history/job-set.ts";
import { NumberMap } from "../history/number-map.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { finalOf, roundsText } from "./inspections.ts";
import { commitText, joined, resolvedText } from "./witness-notes.ts";
import { stepsOf, unwitnessed } from "./witnessed-jobs.ts";

/**
 * What goes in comes out, in the words of Jepsen's total-queue checker:
 *
 * - *lost*: a job whose enqueue was acknowledged and that is in no state at all at the end.
 * - *unexpected*: a job that was granted or is there at the end, and that nobody enqueued.
 * - *duplicated*: a job whose completion was accepted more than once. Jepsen reports these, here they fail: a queue that
 *   does every job twice loses nothing.
 * - *recovered*: a job whose enqueue was not acknowledged and that is there all the same. That is as it should be.
 *
 * Where there is a witness, completions whose answers were lost count as duplicates, too, and a settle that was
 * acknowledged and that the database knows nothing of is lost.
 *
 * A job that is still waiting at the end is not lost; `drained` asks for it.
 */
export const nothingLost: Check = {
  name: "nothing-lost",
  property: "every acknowledged job is there at the end, no other is, and none is completed twice",
  judge: ({ rounds, foreign }: Evidence): Judgement => {
    const findings = new Findings();
    const unseen: RoundEvidence[] = [];
    let [acknowledged, recovered] = [0, 0];
    for (const round of rounds) {
      const balance = balanceOf(round);
      acknowledged += sizeOf(balance.enqueued);
      recovered += balance.recovered;
      addMissing(round, balance, findings);
      addDuplicatedCommits(round, addDuplicated(round, findings), findings);
      addForgotten(round, findings);
      if (balance.final === undefined) unseen.push(round);
    }
    if (acknowledged === 0) {
      const note = "the history has no acknowledged enqueue";
      return foreign ? notJudged(note) : findings.inconclusiveUnlessFound(note);
    }
    if (unseen.length > 0) return withoutTables(findings, rounds, { unseen, foreign });
    const balance = `${counted(acknowledged, "job")} acknowledged, ${recovered} recovered`;
    const completions = resolvedText(rounds, { ops: ["complete"], noun: "completion" });
    return findings.judgement(joined(balance, completions));
  },
};

function withoutTables(
  findings: Findings,
  rounds: readonly RoundEvidence[],
  { unseen, foreign }: { readonly unseen: readonly RoundEvidence[]; readonly foreign: boolean },
): Judgement {
  if (findings.count > 0) return findings.judgement();
  const note = `the tables were not looked at in the end of ${roundsText(rounds, unseen)}`;
  return foreign ? notJudged(note) : inconclusive(note);
}

interface Balance {
  readonly enqueued: JobSet;
  readonly final: JobSet | undefined;
  readonly lost: JobSet;
  readonly unexpected: JobSet;
  readonly recovered: number;
}

function balanceOf(round: RoundEvidence): Balance {
  const { events, operations } = round;
  const ranges: EnqueueDetail["jobs"][number][] = [];
  let mayHaveMore = false;
  for (let operation = 0; operation < operations.length; operation++) {
    if (operations.op(operation) !== "enqueue") continue;
    const outcome = operations.outcome(operation);
    if (outcome === "unknown") mayHaveMore = true;
    if (outcome !== "ok") continue;
    const detail = events.detail(operations.complete(operation)) as EnqueueDetail | undefined;
    ranges.push(...(detail?.jobs ?? []));
  }
  const enqueued = jobSet(ranges);
  const final = finalJobs(finalOf(round)?.detail);
  const strangers = jobSet([
    ...difference(final ?? [], enqueued),
    ...grantedBeyond(round, enqueued),
  ]);
  return {
    enqueued,
    final,
    lost: final === undefined ? [] : difference(enqueued, final),
    unexpected: mayHaveMore || enqueued.length === 0 ? [] : strangers,
    recovered: mayHaveMore ? sizeOf(strangers) : 0,
  };
}

function finalJobs(final: FinalDetail | undefined): JobSet | undefined {
  return final === undefined ? undefined : jobSet(final.jobs.flatMap(({ ids }) => ids));
}

function grantedBeyond({ logs }: RoundEvidence, enqueued: JobSet): [number, number][] {
  const strangers: [number, number][] = [];
  for (let log = 0; log < logs.length; log++) {
    const job = logs.job(log);
    if (!contains(enqueued, job)) strangers.push([job, job]);
  }
  return strangers;
}

function addMissing(round: RoundEvidence, { lost, unexpected }: Balance, findings: Findings): void {
  const add = (jobs: JobSet, text: string): void => {
    const [range] = jobs;
    if (range === undefined) return;
    findings.add(() =>
      tell(round, range[0], `${counted(sizeOf(jobs), "job")} ${text}: ${jobsText(jobs)}`),
    );
    findings.addUntold(sizeOf(jobs) - 1);
  };
  add(lost, "acknowledged and gone at the end");
  add(unexpected, "there that nobody enqueued");
}

/** Returns the jobs that it accused. */
function addDuplicated(round: RoundEvidence, findings: Findings): ReadonlySet<number> {
  const { logs } = round;
  const accused = new Set<number>();
  for (let log = 0; log < logs.length; log++) {
    const answers = completionsOf(round, log);
    if (answers === undefined) continue;
    accused.add(logs.job(log));
    const times = answers.map(
      (event) => `bot ${round.events.bot(event)} (${timeText(round, event)})`,
    );
    findings.add((): Case => ({
      summary: `job ${logs.job(log)} was completed ${answers.length} times: by ${times.join(", ")}`,
      round: round.round,
      job: logs.job(log),
      bots: answers.map((event) => round.events.bot(event)),
      events: answers.map((event) => round.events.event(event)),
    }));
  }
  return accused;
}

/** Jobs that were completed once more by the database's own record, whoever was told. */
function addDuplicatedCommits(
  { round, witness }: RoundEvidence,
  accused: ReadonlySet<number>,
  findings: Findings,
): void {
  if (witness === null) return;
  const { transitions, changes } = witness;
  const completed = new NumberMap();
  for (const { transition } of stepsOf(witness)) {
    const job = transitions.job(transition);
    if (transitions.kind(transition) !== "complete" || accused.has(job)) continue;
    const before = completed.get(job);
    completed.set(job, transition);
    if (before === -1) continue;
    findings.add((): Case => {
      const both = [before, transition].map((each) => transitions.change(each));
      const when = both.map((change) => commitText(witness, change)).join(" and ");
      const bots = [...new Set([before, transition].map((each) => transitions.bot(each)))];
      const summary = `job ${job} was completed twice (${when}), as the database recorded it`;
      return {
        summary,
        round,
        job,
        bots,
        events: [],
        changes: both.map((each) => changes.change(each)),
      };
    });
  }
}

/** Settles that were acknowledged and are not among what was committed. */
function addForgotten(round: RoundEvidence, findings: Findings): void {
  const { operations, events } = round;
  for (const operation of unwitnessed(round, ["complete", "fail"])) {
    findings.add((): Case => {
      const [bot, job] = [operations.bot(operation), operations.job(operation)];
      const answer = operations.complete(operation);
      const what = `a ${operations.op(operation)} of job ${job} by bot ${bot}`;
      return {
        summary: `${what} was acknowledged (${timeText(round, answer)}), and the database knows nothing of it`,
        round: round.round,
        job,
        bots: [bot],
        events: [events.event(operations.invoke(operation)), events.event(answer)],
      };
    });
  }
}

/** Answers that accepted a completion, where there is more than one since the job was last enqueued. */
function completionsOf(round: RoundEvidence, log: number): readonly number[] | undefined {
  const { events, logs, operations } = round;
  let first = -1;
  let more: number[] | undefined;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    if (events.op(event) === "enqueue") first = -1;
    if (events.op(event) !== "complete") continue;
    const operation = operations.at(event);
    if (operations.outcome(operation) !== "ok") continue;
    const answer = operations.complete(operation);
    if (first === -1) first = answer;
    else (more ??= [first]).push(answer);
  }
  return more;
}

/** All that was ever heard of the job; that is little, since it was lost. */
function tell(round: RoundEvidence, job: number, summary: string): Case {
  const { logs, events } = round;
  for (let log = 0; log < logs.length; log++) {
    if (logs.job(log) !== job) continue;
    const last = logs.event(logs.to(log) - 1);
    return { summary, round: round.round, job, events: [events.event(last)] };
  }
  return { summary, round: round.round, job, events: [] };
}
