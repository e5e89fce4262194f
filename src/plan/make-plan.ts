import { drawSeed, seededRandom } from "../base/random.ts";
import type { Random } from "../base/random.ts";
import { maxInjections } from "../scenario/combinations.ts";
import type { FaultSpec, Scenario } from "../scenario/scenario.ts";
import type { Plan, PlannedFault, PlannedRound } from "./plan.ts";

/**
 * Expands a scenario with its seed. The same scenario and seed give the same plan; only a scenario without a seed
 * gets one drawn, which the plan then holds.
 *
 * Rounds of one repeat are compared with each other, so they share a seed and with it the moments of their faults.
 * Every other repeat runs in reverse, so that a machine that slows down over the run hurts all alike:
 *
 * ```
 *   repeat   0     1     2
 *   rounds   A B   B A   A B      with A or B first as the seed has it
 * ```
 */
export function makePlan(scenario: Scenario, seed = scenario.seed ?? drawSeed()): Plan {
  const random = seededRandom(seed, "plan");
  const order = random.fork("order").shuffle(participants(scenario));
  const rounds: PlannedRound[] = [];
  for (let repeat = 0; repeat < scenario.repeat; repeat++) {
    const roundSeed = random.fork(`repeat ${repeat}`).integer(2 ** 31);
    const planned = plannedFaults(scenario, seededRandom(roundSeed, "faults"));
    for (const participant of repeat % 2 === 0 ? order : order.toReversed()) {
      const faults = planned.filter(({ spec }) => isMetBy(participant.role, spec));
      rounds.push({ round: rounds.length, repeat, ...participant, seed: roundSeed, faults });
    }
  }
  return { scenario, seed, rounds };
}

type Participant = Pick<PlannedRound, "strategy" | "role" | "constraints" | "isTwin">;

/** With calibration the first subject plays twice in each repeat. */
function participants({ strategies, constraints, calibrate }: Scenario): Participant[] {
  const playing = (names: readonly string[], role: PlannedRound["role"]): Participant[] =>
    names.map((strategy) => ({
      strategy,
      role,
      constraints: constraints === "all" || (constraints === "subjects" && role === "subject"),
    }));
  const subjects = playing(strategies.subjects, "subject");
  const twins = calibrate === true ? subjects.slice(0, 1) : [];
  return [
    ...subjects,
    ...playing(strategies.controls, "control"),
    ...twins.map((twin) => ({ ...twin, isTwin: true as const })),
  ];
}

function plannedFaults(scenario: Scenario, random: Random): PlannedFault[] {
  const counts = new Map<string, number>();
  return scenario.faults.map((spec) => {
    const count = (counts.get(spec.kind) ?? 0) + 1;
    counts.set(spec.kind, count);
    const id = `${spec.kind}-${count}`;
    const { everyMs, toMs, afterClaims } = spec.schedule;
    const forked = random.fork(id);
    const all = moments(spec, scenario.deadlines.loadMs, forked);
    const injectAtMs = all.filter(() => isDrawn(spec, forked));
    // With `every`, `to` ends the injections; there is nothing to heal after a moment.
    const healAtMs = everyMs === null ? toMs : null;
    const planned = { id, spec, injectAtMs, healAtMs };
    return afterClaims !== undefined && isDrawn(spec, forked)
      ? { ...planned, afterClaims }
      : planned;
  });
}

function isMetBy(role: PlannedRound["role"], { schedule: { only } }: FaultSpec): boolean {
  return only === undefined || only === `${role}s`;
}

/** Nothing is drawn for what is certain, so that the moments of other scenarios stay as they are. */
function isDrawn({ schedule: { probability = 1 } }: FaultSpec, random: Random): boolean {
  return probability === 1 || random.next() < probability;
}

/**
 * When a fault is injected. Interval k ends at `from + k × every`; jitter shifts each moment on its own by up to that
 * part of an interval, earlier or later, so the shifts do not add up and the rate stays.
 */
function moments({ schedule }: FaultSpec, loadMs: number, random: Random): number[] {
  const { fromMs, toMs, everyMs, jitter, afterClaims } = schedule;
  if (afterClaims !== undefined) return [];
  if (everyMs === null) return fromMs < loadMs ? [fromMs] : [];
  const endMs = Math.min(toMs ?? loadMs, loadMs);
  const injectAtMs: number[] = [];
  for (let k = 1; k <= maxInjections && fromMs + k * everyMs < endMs; k++) {
    const shiftMs = jitter === 0 ? 0 : random.between(-jitter, jitter) * everyMs;
    const atMs = toMicroseconds(fromMs + k * everyMs + shiftMs);
    if (atMs < endMs) injectAtMs.push(atMs);
  }
  return injectAtMs.toSorted((a, b) => a - b);
}

/** Whole microseconds: finer than any timer, and short to write into a history's header. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
