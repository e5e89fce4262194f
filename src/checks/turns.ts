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
  readonly #numbers = new NumberMap();
  readonly #numbersOfKeys = new Map<number, number>();
  #numbered = 0;

  constructor(round: RoundEvidence) {
    this.#round = round;
  }

  /** A number for the turn that a job waits for, its own or that of its key: 0, 1, 2 … in the order in which they are asked for. */
  number(job: number): number {
    const key = this.#round.keys.of(job);
    const known = key === -1 ? this.#numbers.get(job) : (this.#numbersOfKeys.get(key) ?? -1);
    if (known !== -1) return known;
    const number = this.#numbered++;
    if (key === -1) this.#numbers.set(job, number);
    else this.#numbersOfKeys.set(key, number);
    return number;
  }

  /** How many turns have a number. */
  get numbered(): number {
    return this.#numbered;
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
