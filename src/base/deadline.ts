/**
 * A deadline that is set again and again, for what is asked thousands of times a second: one timer is moved on, where a
 * timer each time would cost more than what it guards.
 */
export class Deadline {
  readonly #ms: number;
  readonly #onExpiry: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isSet = false;

  constructor(ms: number, onExpiry: () => void) {
    this.#ms = ms;
    this.#onExpiry = onExpiry;
  }

  /** Expires so many milliseconds from now, unless it is cleared or set again before. */
  set(): void {
    this.#isSet = true;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#ring(), this.#ms);
    else this.#timer.refresh();
  }

  /** Leaves the timer to run out, which then does nothing: to stop and start one each time is what costs. */
  clear(): void {
    this.#isSet = false;
  }

  /** Lets go of the timer, so that it does not keep the process alive. */
  stop(): void {
    this.#isSet = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ring(): void {
    if (!this.#isSet) return;
    this.#isSet = false;
    this.#onExpiry();
  }
}
