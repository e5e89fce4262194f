import { HarnessError } from "../base/harness-error.ts";
import { EventTable } from "./event-table.ts";

export interface Reordered {
  readonly events: EventTable;
  /** Events that stood behind one with a higher number. */
  readonly moved: number;
  /** Events that stood there twice, word for word. */
  readonly repeated: number;
}

/** The same events by ascending `i`. HarnessError (usage) when two different events have one number. */
export function inOrderOfNumbers(events: EventTable, file: string): Reordered {
  const order = new Uint32Array(events.length).map((_, index) => index);
  order.sort((left, right) => events.number(left) - events.number(right) || left - right);
  const sorted = new EventTable();
  let repeated = 0;
  let previous = -1;
  for (const index of order) {
    if (previous !== -1 && events.number(previous) === events.number(index)) {
      rejectClash(events, [previous, index], file);
      repeated++;
      continue;
    }
    const { i, ...event } = events.event(index);
    sorted.push(event, i);
    previous = index;
  }
  return { events: sorted, moved: countMoved(events), repeated };
}

function countMoved(events: EventTable): number {
  let [highest, moved] = [-1, 0];
  for (let index = 0; index < events.length; index++) {
    if (events.number(index) < highest) moved++;
    highest = Math.max(highest, events.number(index));
  }
  return moved;
}

function rejectClash(
  events: EventTable,
  [one, other]: readonly [number, number],
  file: string,
): void {
  if (JSON.stringify(events.event(one)) === JSON.stringify(events.event(other))) return;
  throw new HarnessError({
    kind: "usage",
    what: `two different events have i=${events.number(one)}`,
    where: file,
    hint: `number events over the whole file, or leave "i" out: then the order of the lines counts`,
  });
}
