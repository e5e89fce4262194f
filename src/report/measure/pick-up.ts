import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import type { EnqueueDetail } from "../../history/event.ts";
import type { LoadWindow } from "./load-window.ts";
import { NumberMap } from "../../history/number-map.ts";
import { Samples } from "./samples.ts";

/**
 * How long jobs that were added in the load waited until a bot had them: from when the statement that added them was sent, so
 * that it is never less than it was, to their first grant, also in the drain. In milliseconds. A job that nobody ever got
 * has no such time; nor have jobs of waves, which wait until the bots are released.
 *
 * ```
 *   enqueue   invoke ── ok
 *   bot 3                     claim ok job 9
 *             ├──────── pick-up ───────────┤
 * ```
 */
export function measurePickUp(round: RoundEvidence, load: LoadWindow): Float64Array {
  const samples = new Samples();
  if (load.waves.length > 0) return samples.values();
  const added = addedIn(round, load);
  const { logs, events } = round;
  for (let log = 0; log < logs.length; log++) {
    const enqueue = added.get(logs.job(log));
    if (enqueue === -1) continue;
    const granted = firstGrant(round, log);
    if (granted !== -1) samples.push((events.t(granted) - events.t(enqueue)) / nsPerMs);
  }
  return samples.values();
}

/** The `invoke` of the enqueue by job. */
function addedIn({ operations, events }: RoundEvidence, load: LoadWindow): NumberMap {
  const added = new NumberMap();
  for (let operation = 0; operation < operations.length; operation++) {
    const invoke = operations.invoke(operation);
    if (invoke < load.from || operations.op(operation) !== "enqueue") continue;
    if (invoke >= load.to) break;
    const complete = operations.complete(operation);
    if (complete === -1 || operations.outcome(operation) !== "ok") continue;
    const { jobs } = events.detail(complete) as EnqueueDetail;
    for (const [first, last] of jobs) {
      for (let job = first; job <= last; job++) added.set(job, invoke);
    }
  }
  return added;
}

/** The event; -1: nobody got it. */
function firstGrant({ logs, events }: RoundEvidence, log: number): number {
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    if (op === "claim" || op === "resume") return event;
  }
  return -1;
}
