import type { Plan } from "../plan/plan.ts";
import type { EventTable } from "./event-table.ts";
import type { LookDetail } from "./event.ts";
import { notesOf } from "./rounds.ts";

/** The looks of a run, in order; none where it runs all its rounds whatever they show. */
export function looksOf(events: EventTable): readonly LookDetail[] {
  const whole = { events, from: 0, to: events.length };
  return notesOf<LookDetail>(whole, "look").map(({ detail }) => detail);
}

/** The plan without the repeats that a look made needless: they were not cut short, nobody waits for them. */
export function planUntilStopped(plan: Plan, looks: readonly LookDetail[]): Plan {
  const stop = looks.find(({ stops }) => stops);
  if (stop === undefined) return plan;
  return { ...plan, rounds: plan.rounds.filter(({ repeat }) => repeat < stop.repeats) };
}
