import { unreachable } from "../base/assert.ts";
import type { ClaimDetail, EnqueueDetail } from "../history/event.ts";
import { sizeOf } from "../history/job-set.ts";
import type { PhaseSpan } from "../history/rounds.ts";
import type { Load } from "../scenario/load.ts";
import type { RoundEvidence } from "./check.ts";

/** How fast jobs are granted, where nothing but faults holds the bots up. */

/** The part of the rate before that must be reached again. */
export const goal = 0.9;
/** Fewer grants have no rate. */
export const fewestGrants = 50;

/**
 * What the rate of so many grants in so much time surely was: two standard deviations of a count below what was seen,
 * because it is not known better than that.
 */
export function surelyPerMs({
  grants,
  ms,
}: {
  readonly grants: number;
  readonly ms: number;
}): number {
  return (grants - 2 * Math.sqrt(grants)) / ms;
}

/** What else than the bots' own speed sets the pace; undefined: nothing does. */
export function paceOf(kind: Load["kind"]): string | undefined {
  switch (kind) {
    case "drain":
    case "duration":
      return undefined;
    case "rounds":
      return "bots are released in waves";
    case "arrival-rate":
    case "ramp":
      return "claims come at times of their own";
    default:
      return unreachable(kind);
  }
}

/** When claims were granted in the load. */
export function grantsOf({ events }: RoundEvidence, load: PhaseSpan): readonly number[] {
  const grants: number[] = [];
  for (let event = load.from; event < load.to; event++) {
    if (events.op(event) === "claim" && events.type(event) === "ok") grants.push(events.t(event));
  }
  return grants;
}

/** The time up to which there were more jobs left than there are bots, once there were; if never, the load's beginning. */
export function busyUntil(
  { events, from, to }: RoundEvidence,
  { load, bots }: { readonly load: PhaseSpan; readonly bots: number },
): number {
  let [left, wasBusy] = [0, false];
  for (let event = from; event < to; event++) {
    if (events.type(event) !== "ok") continue;
    const op = events.op(event);
    if (op === "enqueue") {
      left += sizeOf((events.detail(event) as EnqueueDetail | undefined)?.jobs ?? []);
    } else if (op === "claim") {
      left -= 1 + ((events.detail(event) as ClaimDetail | undefined)?.more?.length ?? 0);
    }
    if (left > bots) wasBusy = true;
    else if (wasBusy) return events.t(event);
  }
  return wasBusy ? load.toNs : load.fromNs;
}
