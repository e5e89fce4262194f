import type { RoundEvidence } from "../checks/check.ts";
import type { EventTable } from "../history/event-table.ts";
import type { HistoryEvent } from "../history/event.ts";
import type { EvidenceEvent } from "./event-text.ts";

/**
 * The invokes and completions that belong to the events of a case and are not among them. A case names the smallest set
 * of events; to draw how long an operation took, both of its ends are needed.
 */
export function otherEnds(events: readonly HistoryEvent[], round: RoundEvidence): EvidenceEvent[] {
  const named = new Set(events.map((event) => event.i));
  const ends = events.flatMap((event) => {
    const index = indexOf(event.i, round.events);
    const operation = index === undefined ? -1 : round.operations.at(index);
    if (operation === -1) return [];
    return [round.operations.invoke(operation), round.operations.complete(operation)];
  });
  return [...new Set(ends)]
    .filter((index) => index !== -1 && !named.has(round.events.number(index)))
    .map((index) => resultEvent(round.events.event(index)));
}

/** An event as result.json has it: what a newer doubletake adds to events is kept by older ones. */
export function resultEvent(event: HistoryEvent): EvidenceEvent {
  return { ...event };
}

/** By bisection: a table is in the order of its events' numbers, which another system need not count from zero. */
function indexOf(number: number, events: EventTable): number | undefined {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events.number(middle) < number) low = middle + 1;
    else high = middle;
  }
  return low < events.length && events.number(low) === number ? low : undefined;
}
