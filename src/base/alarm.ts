import { monotonicMs } from "./clock.ts";

/**
 * One pending callback at a time, that can be moved or called off.
 *
 * Node's timers count whole milliseconds from a clock that is read once per turn of the event loop, so they ring up to a
 * millisecond off, early or late. The alarm never rings early: it sleeps a timer for the whole milliseconds, and for a
 * short rest it lets the event loop turn, so that other work goes on meanwhile.
 */
export class Alarm {
  readonly #ring: () => void;
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  get pending(): boolean {
    return this.#timer !== undefined || this.#turn !== undefined;
  }

  /** Rings once `monotonicMs()` has reached `dueMs`; replaces what was pending. */
  setAt(dueMs: number): void {
    this.cancel();
    this.#dueMs = dueMs;
    this.#wait();
  }

  /** Rings after `ms`. */
  set(ms: number): void {
    this.setAt(monotonicMs() + ms);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
    this.#turn = undefined;
  }

  #wait(): void {
    const leftMs = this.#dueMs - monotonicMs();
    if (leftMs > longestTurningMs) {
      const sleepMs = Math.max(1, Math.min(Math.floor(leftMs), longestMs));
      this.#timer = setTimeout(this.#check, sleepMs);
    } else this.#turn = setImmediate(this.#check);
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    this.#turn = undefined;
    if (monotonicMs() < this.#dueMs) this.#wait();
    else this.#ring();
  };
}

/**
 * Turning uses a whole core. Turning for up to 1 ms halves the median error of a 1 ms delay, and costs a busy machine so
 * much that the scheduler makes the thread wait: measured on 2 cores, the 95th percentile rose from 0.5 to 4 ms.
 */
const longestTurningMs = 0.4;
/** What a Node timer can hold; a longer wait is slept in pieces. */
const longestMs = 2 ** 31 - 1;
