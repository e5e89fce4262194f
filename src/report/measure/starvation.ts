import type { EventTable } from "../../history/event-table.ts";
import type { LoadWindow } from "./load-window.ts";

/** A load that ends without a grant for so much of its time had run out of jobs before; a pause alone is shorter. */
const lastPart = 0.1;

/**
 * Whether a load of fixed length outlived its jobs: nothing was granted in its last tenth, and claims found nothing. A
 * rate over all of its time then says how many jobs there were, and not how fast they were claimed.
 */
export function isStarved(events: EventTable, load: LoadWindow, grants: Float64Array): boolean {
  const lastPartNs = load.toNs - (load.toNs - load.fromNs) * lastPart;
  if ((grants.at(-1) ?? load.fromNs) >= lastPartNs) return false;
  for (let event = load.to - 1; event >= load.from && events.t(event) >= lastPartNs; event--) {
    if (events.op(event) === "claim" && events.type(event) === "empty") return true;
  }
  return false;
}
