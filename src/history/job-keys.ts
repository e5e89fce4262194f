import type { EnqueueDetail, JobRange } from "./event.ts";
import { NumberMap } from "./number-map.ts";
import type { EventWindow, Operations } from "./operations.ts";

/** Jobs of one key that were acknowledged together: event indexes of the enqueue, and the jobs ascending. */
export interface KeyedBatch {
  readonly invoke: number;
  readonly event: number;
  readonly jobs: readonly number[];
}

export interface JobKey {
  readonly name: string;
  /** In the order in which they were acknowledged. */
  readonly batches: readonly KeyedBatch[];
}

/** The keys of a window's jobs, which are to be done one at a time and in order; none where jobs have none. */
export class JobKeys {
  /** In the order in which they first appear. */
  readonly all: readonly JobKey[];
  readonly #keyOf = new NumberMap();

  constructor(window: EventWindow, operations: Operations) {
    const found = new Map<string, KeyedBatch[]>();
    const { events, from, to } = window;
    for (let event = from; event < to; event++) {
      if (events.op(event) !== "enqueue" || events.type(event) !== "ok") continue;
      const invoke = operations.invoke(operations.at(event));
      const { keys = [] } = (events.detail(event) as EnqueueDetail | undefined) ?? {};
      for (const { key, jobs } of keys) {
        const batches = found.get(key) ?? [];
        batches.push({ invoke, event, jobs: idsOf(jobs) });
        found.set(key, batches);
      }
    }
    this.all = [...found].map(([name, batches]) => ({ name, batches }));
    for (const [number, { batches }] of this.all.entries()) {
      for (const { jobs } of batches) for (const job of jobs) this.#keyOf.set(job, number);
    }
  }

  get length(): number {
    return this.all.length;
  }

  /** Index of the key in `all`; -1: the job has none. */
  of(job: number): number {
    return this.#keyOf.get(job);
  }
}

function idsOf(ranges: readonly JobRange[]): readonly number[] {
  const ids: number[] = [];
  for (const [first, last] of ranges) for (let id = first; id <= last; id++) ids.push(id);
  return ids.toSorted((left, right) => left - right);
}
