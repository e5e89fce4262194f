import { nsPerMs } from "../base/clock.ts";
import type { Evidence, RoundEvidence } from "../checks/check.ts";
import { grantedAttempt } from "../history/job-logs.ts";
import { loadWindow } from "./measure/load-window.ts";
import type { CheckResult, JobStories, JobStory } from "./result.ts";

/** Events that a result keeps over all strategies: some 120 kB of result.json, whatever the run's size. */
const mostEvents = 3_000;

interface Candidate {
  readonly round: RoundEvidence;
  readonly log: number;
  /** What is of interest comes first. */
  readonly rank: 0 | 1 | 2;
}

/** What happened to jobs of a strategy, those that a reader will look for first. Linear in the events. */
export function jobStories(
  evidence: Evidence,
  { checks, strategies }: { readonly checks: readonly CheckResult[]; readonly strategies: number },
): JobStories {
  const accused = accusedJobs(checks);
  const candidates = evidence.rounds.flatMap((round) => candidatesOf(round, accused));
  let room = Math.floor(mostEvents / Math.max(1, strategies));
  const kept: JobStory[] = [];
  for (const { round, log } of candidates.toSorted((one, other) => one.rank - other.rank)) {
    const length = round.logs.to(log) - round.logs.from(log);
    if (length > room) break;
    room -= length;
    kept.push(storyOf(round, log));
  }
  const inOrder = kept.toSorted((one, other) => one.round - other.round || one.job - other.job);
  return { total: candidates.length, kept: inOrder };
}

function accusedJobs(checks: readonly CheckResult[]): ReadonlySet<string> {
  const cases = checks.flatMap((check) => check.evidence);
  return new Set(cases.map(({ round, job }) => keyOf(round, job ?? -1)));
}

function keyOf(round: number, job: number): string {
  return `${round} ${job}`;
}

function candidatesOf(round: RoundEvidence, accused: ReadonlySet<string>): readonly Candidate[] {
  return Array.from({ length: round.logs.length }, (_, log) => {
    const isAccused = accused.has(keyOf(round.round, round.logs.job(log)));
    return { round, log, rank: isAccused ? 0 : isEventful(round, log) ? 1 : 2 };
  });
}

/** Granted more than once, or something went wrong on its way. */
function isEventful({ logs, events, operations }: RoundEvidence, log: number): boolean {
  let grants = 0;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const outcome = operations.outcome(operations.at(event));
    if (outcome !== "ok" || events.op(event) === "fail" || events.op(event) === "rescue")
      return true;
    if (events.op(event) === "claim" && ++grants > 1) return true;
  }
  return false;
}

function storyOf(round: RoundEvidence, log: number): JobStory {
  const { logs, events, operations } = round;
  const fromNs = loadWindow(round)?.fromNs ?? events.t(round.from);
  const job = logs.job(log);
  const told: JobStory["events"] = [];
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    const isGrant = op === "claim" || op === "resume";
    const outcome = operations.outcome(operations.at(event));
    const attempt = isGrant ? grantedAttempt(round, event, job) : events.attempt(event);
    const atMs = Math.round((events.t(event) - fromNs) / 1000) / (nsPerMs / 1000);
    told.push([atMs, `${op} ${outcome}`, orNull(events.bot(event)), orNull(attempt)]);
  }
  return { round: round.round, job, events: told };
}

/** -1 in the columns: there is none. */
function orNull(value: number): number | null {
  return value === -1 ? null : value;
}
