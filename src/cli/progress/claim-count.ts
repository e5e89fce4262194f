import type { EventTable } from "../../history/event-table.ts";

/** Claims granted in a table that grows; each event is looked at once. */
export class ClaimCount {
  readonly #events: EventTable;
  #next: number;
  #granted = 0;
  #lost = 0;

  constructor(events: EventTable) {
    this.#events = events;
    this.#next = events.length;
  }

  update(): { readonly granted: number; readonly lost: number } {
    for (; this.#next < this.#events.length; this.#next++) {
      if (this.#events.op(this.#next) !== "claim") continue;
      const type = this.#events.type(this.#next);
      if (type === "ok") this.#granted++;
      else if (type === "failed" || type === "unknown") this.#lost++;
    }
    return { granted: this.#granted, lost: this.#lost };
  }
}
