import type { RoundEvidence } from "../../checks/check.ts";
import type { RoundCost } from "../../history/event.ts";
import type { Plan } from "../../plan/plan.ts";
import type { TimelineResult } from "../result.ts";
import { roundCost } from "./cost.ts";
import { firstGrants } from "./first-grants.ts";
import { claimsPerSecond } from "./goodput.ts";
import { measureLatencies } from "./latencies.ts";
import { loadWindow } from "./load-window.ts";
import { timelineOf } from "./timeline.ts";

/** What one round measured; latencies in milliseconds. */
export interface RoundMeasurement {
  readonly round: number;
  /** Rounds of one repeat are compared with each other. */
  readonly repeat: number;
  /** Null where there was no time to measure in. */
  readonly claimsPerSecond: number | null;
  /** First grants in the load. */
  readonly grants: number;
  readonly attempts: number;
  readonly service: Float64Array;
  readonly response: Float64Array;
  readonly toClaim: Float64Array;
  readonly timeline: TimelineResult;
  readonly cost: RoundCost | undefined;
}

/** Undefined for a round that was cut short before its load. Linear in the events, and no object an event. */
export function measureRound(round: RoundEvidence, plan: Plan): RoundMeasurement | undefined {
  const load = loadWindow(round);
  if (load === undefined) return undefined;
  const latencies = measureLatencies(round, load);
  const grants = firstGrants(round, load);
  return {
    round: round.round,
    repeat: plan.rounds.find((planned) => planned.round === round.round)?.repeat ?? round.round,
    claimsPerSecond: claimsPerSecond(round, load, grants),
    grants: grants.length,
    attempts: latencies.attempts,
    service: latencies.service.values(),
    response: latencies.response.values(),
    toClaim: latencies.toClaim.values(),
    timeline: timelineOf({ round, load, grants, latencies }),
    cost: roundCost(round),
  };
}
