import type { Clock } from "../../base/clock.ts";
import type { Record } from "../../bots/bot.ts";
import type { Observation } from "../../history/recorder.ts";

type Stamped = Observation & { readonly t: number };

/**
 * Brings what happened in several processes into the order in which it happened: checks go by the order of the history.
 *
 * ```
 *   host 1   3 5 8 ──── told up to 9      an event is written down when every process has told what it
 *   host 2   4 6 ────── told up to 7      did up to then: here 3 4 5 6 are, and 8 waits for host 2
 * ```
 *
 * A stopped process tells nothing, and what happens elsewhere waits for it; when it goes on, all of it is written down.
 */
export class MergedRecord {
  readonly #write: (event: Observation) => void;
  readonly #clock: Clock;
  readonly #own = new Queue();
  /** Queues of processes that have ended stay until they are empty. */
  #queues: readonly Queue[] = [this.#own];

  constructor(write: (event: Observation) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** What happens in this process, now. */
  readonly record: Record = (event) => {
    this.#own.push([{ ...event, t: this.#clock.now() }]);
    this.#release();
  };

  /** A process that begins now. */
  open(): MergedSource {
    const queue = new Queue();
    queue.toldUpToNs = this.#clock.now();
    this.#queues = [...this.#queues, queue];
    return {
      tell: (events, upToNs) => {
        queue.push(events);
        queue.toldUpToNs = upToNs;
        this.#release();
      },
      end: () => {
        queue.toldUpToNs = Infinity;
        this.#release();
      },
    };
  }

  #release(): void {
    const upToNs = Math.min(...this.#queues.map(({ toldUpToNs }) => toldUpToNs));
    for (;;) {
      let first = this.#own;
      for (const queue of this.#queues) if (queue.headNs < first.headNs) first = queue;
      if (first.headNs > upToNs || first.headNs === Infinity) break;
      this.#write(first.take());
    }
    this.#forgetEnded();
  }

  #forgetEnded(): void {
    const isOver = (queue: Queue): boolean =>
      queue !== this.#own && queue.toldUpToNs === Infinity && queue.headNs === Infinity;
    if (this.#queues.some(isOver)) this.#queues = this.#queues.filter((queue) => !isOver(queue));
  }
}

export interface MergedSource {
  /** Events by ascending `t`, and up to when all has been told. */
  tell(events: readonly Observation[], upToNs: number): void;
  /** It has ended, and told everything. Idempotent. */
  end(): void;
}

class Queue {
  #events: Stamped[] = [];
  #head = 0;
  /** Of our own process nothing is outstanding: what it records is there at once. */
  toldUpToNs = Infinity;

  /** When the first of its events happened; Infinity: it is empty. */
  get headNs(): number {
    return this.#events[this.#head]?.t ?? Infinity;
  }

  push(events: readonly Observation[]): void {
    for (const event of events) this.#events.push(event as Stamped);
  }

  take(): Stamped {
    const event = this.#events[this.#head++] as Stamped;
    // Cut off when half of it is taken: to move up for each event would be quadratic where many wait.
    if (this.#head * 2 < this.#events.length) return event;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
    return event;
  }
}
