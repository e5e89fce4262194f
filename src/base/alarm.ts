import { monotonicMs } from "./clock.ts";

/**
 * One pending callback at a time, that can be moved or called off.
 *
 * Node's timers count whole milliseconds from a clock that is read once per turn of the event loop, so they ring up to a
 * millisecond off. The alarm sleeps a timer for the whole milliseconds and lets the event loop turn for the rest: other
 * work goes on meanwhile, and it never rings early.
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
    if (leftMs >= 1) this.#timer = setTimeout(this.#check, Math.min(Math.floor(leftMs), longestMs));
    else this.#turn = setImmediate(this.#check);
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    this.#turn = undefined;
    if (monotonicMs() < this.#dueMs) this.#wait();
    else this.#ring();
  };
}

/** What a Node timer can hold; a longer wait is slept in pieces. */
const longestMs = 2 ** 31 - 1;
