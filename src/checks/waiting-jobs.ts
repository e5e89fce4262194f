import { nsPerMs } from "../base/clock.ts";
import type { FailDetail, RetryRule, RoundDetail } from "../history/event.ts";
import { jobSet } from "../history/job-set.ts";
import type { JobSet } from "../history/job-set.ts";
import { notesOf, phaseOf } from "../history/rounds.ts";
import type { RoundEvidence } from "./check.ts";

/** A job that became due this shortly before the end cannot be held to have been claimed by then. */
const graceMs = 1_000;

/**
 * The jobs that may have been waiting for a retry, or for one of their key to have its own, when the drain ran out of
 * time; `final`: where the tables were looked at. A drain that ended by itself left nothing to wait for.
 *
 * ```
 *   job 9   fail ok ├──── longest wait ────┼─ grace ─┤
 *   drain   ─────────────────┤ deadline                  ← job 9 may rightly be pending
 * ```
 */
export function waitingJobs(round: RoundEvidence, final: number): JobSet {
  const drain = phaseOf(round, "drain");
  if (drain !== undefined && drain.note !== "deadline") return [];
  const endNs = drain?.toNs ?? round.events.t(final);
  const rule = notesOf<RoundDetail>(round, "round")[0]?.detail.retry;
  const { logs, keys } = round;
  const waiting = new Set<number>();
  for (let log = 0; log < logs.length; log++) {
    const dueNs = latestDueNs(round, log, rule);
    if (dueNs + graceMs * nsPerMs < endNs) continue;
    const key = keys.of(logs.job(log));
    if (key === -1) waiting.add(logs.job(log));
    else
      for (const { jobs } of keys.all[key]?.batches ?? []) for (const job of jobs) waiting.add(job);
  }
  return jobSet([...waiting].map((job) => [job, job]));
}

/** When the job is certainly due again after its latest `fail`; the beginning of time where none made it wait. */
function latestDueNs(
  { events, logs, operations }: RoundEvidence,
  log: number,
  rule: RetryRule | undefined,
): number {
  for (let entry = logs.to(log) - 1; entry >= logs.from(log); entry--) {
    const event = logs.event(entry);
    if (events.op(event) !== "fail") continue;
    const operation = operations.at(event);
    const outcome = operations.outcome(operation);
    if (outcome !== "ok" && outcome !== "unknown") continue;
    const complete = operations.complete(operation);
    const detail =
      complete === -1 ? undefined : (events.detail(complete) as FailDetail | undefined);
    if (detail?.status === "dead") return -Infinity;
    const waitMs = longestWaitMs(rule, operations.attempt(operation), detail);
    if (waitMs === 0) return -Infinity;
    return answeredByNs({ events, operations }, operation) + waitMs * nsPerMs;
  }
  return -Infinity;
}

/** Without an answer it may have happened until the bot was told what it holds after it. */
function answeredByNs(
  { events, operations }: Pick<RoundEvidence, "events" | "operations">,
  operation: number,
): number {
  if (operations.outcome(operation) === "ok") return events.t(operations.complete(operation));
  const next = operations.next(operation);
  const isTold = next !== -1 && operations.outcome(next) !== "unknown";
  return isTold ? events.t(operations.complete(next)) : Infinity;
}

/** As the round says, and no longer than was told, which was rounded down; an attempt that is not told may be any. */
function longestWaitMs(
  rule: RetryRule | undefined,
  attempt: number,
  detail: FailDetail | undefined,
): number {
  const toldMs = detail?.retryInMs === undefined ? Infinity : detail.retryInMs + 1;
  if (rule === undefined) return toldMs === Infinity ? 0 : toldMs;
  const grownMs = attempt === -1 ? Infinity : rule.baseMs * 2 ** (attempt - 1);
  return Math.min(rule.capMs, grownMs, toldMs);
}
