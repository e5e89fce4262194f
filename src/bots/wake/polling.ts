import { sleep } from "../../base/timer.ts";
import type { Rest, Wake } from "../wake.ts";

const firstPauseMs = 1;
const longestPauseMs = 40;

/** Bots ask again: after `everyMs`, or where it is absent after a pause that doubles up to a bound. */
export class Polling implements Wake {
  readonly #everyMs: number | undefined;

  constructor(everyMs?: number) {
    this.#everyMs = everyMs;
  }

  async listen(): Promise<boolean> {
    return true;
  }

  rest(): Rest {
    return new Pause(this.#everyMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class Pause implements Rest {
  readonly isWaiting = false;
  readonly #everyMs: number | undefined;
  #pauseMs = firstPauseMs;
  #isPausing = false;

  constructor(everyMs: number | undefined) {
    this.#everyMs = everyMs;
  }

  ask(): void {}

  foundNothing(): void {
    this.#isPausing = true;
  }

  foundWork(): void {
    this.#pauseMs = firstPauseMs;
  }

  /** A phase that ends ends the pause: in the next one it asks at once. */
  async over(signal: AbortSignal): Promise<void> {
    if (!this.#isPausing) return;
    await sleep(this.#everyMs ?? this.#pauseMs, signal);
    this.#isPausing = false;
    this.#pauseMs = signal.aborted ? firstPauseMs : Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
