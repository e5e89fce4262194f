import type { RoundEvidence } from "../../checks/check.ts";
import { grantedAttempt } from "../../history/job-logs.ts";
import type { LoadWindow } from "./load-window.ts";
import { Samples } from "./samples.ts";

/**
 * When each attempt of each job was first granted in the load, in nanoseconds, ascending: goodput. What was granted
 * twice counts once; where a strategy does not tell its bots the attempt, a job counts once.
 */
export function firstGrants(round: RoundEvidence, load: LoadWindow): Float64Array {
  return firstGrantEvents(round, load)
    .map((event) => round.events.t(event))
    .toSorted();
}

/** The same grants by the indexes of their events, job by job. */
export function firstGrantEvents(round: RoundEvidence, load: LoadWindow): Float64Array {
  const { logs, events } = round;
  const found = new Samples();
  const seen = new Set<number>();
  for (let log = 0; log < logs.length; log++) {
    seen.clear();
    const job = logs.job(log);
    for (let entry = logs.from(log); entry < logs.to(log); entry++) {
      const event = logs.event(entry);
      const op = events.op(event);
      if ((op !== "claim" && op !== "resume") || event < load.from || event >= load.to) continue;
      const attempt = grantedAttempt(round, event, job);
      if (isNew(attempt, seen)) found.push(event);
      seen.add(attempt);
    }
  }
  return found.values();
}

const untold = -1;

/** A grant without an attempt may be any of those before it, and any after it may be that one. */
function isNew(attempt: number, seen: ReadonlySet<number>): boolean {
  if (seen.size === 0) return true;
  return attempt !== untold && !seen.has(untold) && !seen.has(attempt);
}
