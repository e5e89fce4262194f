import type { EnqueueDetail } from "../history/event.ts";
import { sizeOf } from "../history/job-set.ts";
import { NumberMap } from "../history/number-map.ts";
import type { RoundEvidence } from "./check.ts";

/**
 * What can be claimed whatever becomes of the rest: a job without a key on its own, and of all jobs that share a key one,
 * whose turn it is. As long as nobody has touched any job of a key, its turn is certainly free.
 */
export class Turns {
  readonly #round: RoundEvidence;
  readonly #seen = new Set<string>();
  readonly #taken = new NumberMap();
  readonly #takenKeys = new Set<number>();

  constructor(round: RoundEvidence) {
    this.#round = round;
  }

  /** A number that stands for the turn that a job waits for: its own, or below zero that of its key. */
  of(job: number): number {
    const key = this.#round.keys.of(job);
    return key === -1 ? job : -1 - key;
  }

  /** Whether nobody had taken the turn that the job waits for before. */
  take(job: number): boolean {
    if (job === -1) return false;
    const key = this.#round.keys.of(job);
    const isNew = key === -1 ? this.#taken.get(job) === -1 : !this.#takenKeys.has(key);
    if (key === -1) this.#taken.set(job, 1);
    else this.#takenKeys.add(key);
    return isNew;
  }

  /** How many turns an acknowledged enqueue adds; each is asked about once, in order. */
  addedBy(enqueue: number): number {
    const detail = this.#round.events.detail(enqueue) as EnqueueDetail | undefined;
    let added = sizeOf(detail?.jobs ?? []);
    for (const { key, jobs } of detail?.keys ?? []) {
      added -= sizeOf(jobs);
      if (!this.#seen.has(key)) added++;
      this.#seen.add(key);
    }
    return added;
  }
}
