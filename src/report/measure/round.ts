import type { RoundEvidence } from "../../checks/check.ts";
import type { RoundCost } from "../../history/event.ts";
import type { LoadDetail } from "../../history/load-detail.ts";
import type { Plan } from "../../plan/plan.ts";
import { fixedWindowMs } from "../../scenario/load.ts";
import type { TimelineResult } from "../result.ts";
import { roundCost } from "./cost.ts";
import { firstGrants } from "./first-grants.ts";
import { claimsPerSecond } from "./goodput.ts";
import { measureLatencies } from "./latencies.ts";
import { loadDetail } from "./load-detail.ts";
import { loadWindow } from "./load-window.ts";
import { measurePickUp } from "./pick-up.ts";
import { isStarved } from "./starvation.ts";
import { timelineOf } from "./timeline.ts";

/** What one round measured; latencies in milliseconds. */
export interface RoundMeasurement {
  readonly round: number;
  /** Rounds of one repeat are compared with each other. */
  readonly repeat: number;
  /** Its strategy plays a second time in the same repeat, to be compared with itself. */
  readonly isTwin: boolean;
  /** Null where there was no time to measure in. */
  readonly claimsPerSecond: number | null;
  /** Its load is of fixed length, and had no more jobs to give before it ended. */
  readonly isStarved: boolean;
  /** First grants in the load. */
  readonly grants: number;
  readonly attempts: number;
  readonly service: Float64Array;
  readonly response: Float64Array;
  readonly toClaim: Float64Array;
  /** Of jobs that were added in the load. */
  readonly pickUp: Float64Array;
  readonly timeline: TimelineResult;
  readonly cost: RoundCost | undefined;
  /** What else was noted of the load. */
  readonly load: LoadDetail | undefined;
}

/** Undefined for a round that was cut short before its load. Linear in the events, and no object an event. */
export function measureRound(round: RoundEvidence, plan: Plan): RoundMeasurement | undefined {
  const load = loadWindow(round);
  if (load === undefined) return undefined;
  const planned = plan.rounds.find((each) => each.round === round.round);
  const latencies = measureLatencies(round, load);
  const isFixedWindow = fixedWindowMs(plan.scenario.load) !== null;
  const grants = firstGrants(round, load);
  return {
    round: round.round,
    repeat: planned?.repeat ?? round.round,
    isTwin: planned?.isTwin === true,
    claimsPerSecond: claimsPerSecond({ round, load, grants, isFixedWindow }),
    isStarved: isFixedWindow && isStarved(round.events, load, grants),
    grants: grants.length,
    attempts: latencies.attempts,
    service: latencies.service.values(),
    response: latencies.response.values(),
    toClaim: latencies.toClaim.values(),
    pickUp: measurePickUp(round, load),
    timeline: timelineOf({ round, load, grants, latencies }),
    cost: roundCost(round),
    load: loadDetail(round),
  };
}
