import { monotonicMs } from "../../base/clock.ts";
import { sleep } from "../../base/timer.ts";
import type { Rest, Wake } from "../wake.ts";

/** A connection on which a process is told that there may be jobs. */
export interface Listener extends AsyncDisposable {
  /** Opens it, trying again until it works; false where `signal` aborts first. Idempotent, also after a loss. */
  listen(signal: AbortSignal): Promise<boolean>;
}

export interface ListenerEvents {
  /** There may be jobs. */
  readonly notified: () => void;
  /** It had been lost, and is there again: what was sent meanwhile will never come. */
  readonly reopened: () => void;
}

export interface NotifiedOptions {
  readonly makeListener: (events: ListenerEvents) => Listener;
  /** A bot asks by itself after so long; absent: never. */
  readonly pollMs?: number | undefined;
  /** All bots ask once after the listener was lost and is there again. */
  readonly catchUp: boolean;
}

/**
 * Bots wait until they are told, all of a process by one listener. Each call wakes all of them: who finds nothing has come in vain.
 *
 * A call that comes while a bot is asking is not lost: what counts is how many there were when it asked.
 *
 * ```
 *   calls       1 ─────────── 2 ──────────────
 *   bot 3    asks at 1 ── empty ── 2 > 1: asks again at once
 * ```
 */
export class Notified implements Wake {
  readonly #calls = new Calls();
  readonly #listener: Listener;
  readonly #pollMs: number | undefined;

  constructor({ makeListener, pollMs, catchUp }: NotifiedOptions) {
    this.#pollMs = pollMs;
    const call = (): void => this.#calls.call();
    this.#listener = makeListener({ notified: call, reopened: catchUp ? call : () => undefined });
  }

  async listen(signal: AbortSignal): Promise<boolean> {
    return await this.#listener.listen(signal);
  }

  rest(): Rest {
    return new Waiting(this.#calls, this.#pollMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
  }
}

class Calls {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  get count(): number {
    return this.#count;
  }

  call(): void {
    this.#count++;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when there were more than `seen`, when `ms` have passed, or when `signal` aborts. */
  async beyond(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#count > seen || signal.aborted) return;
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    try {
      if (ms !== Infinity) await sleep(ms, woken.signal);
      else await new Promise((done) => woken.signal.addEventListener("abort", done));
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }
}

class Waiting implements Rest {
  readonly #calls: Calls;
  readonly #pollMs: number | undefined;
  #seen = 0;
  #pollAtMs = Infinity;
  #isWaiting = false;

  constructor(calls: Calls, pollMs: number | undefined) {
    this.#calls = calls;
    this.#pollMs = pollMs;
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  ask(): void {
    this.#seen = this.#calls.count;
  }

  foundNothing(): void {
    this.#isWaiting = true;
    this.#pollAtMs = this.#pollMs === undefined ? Infinity : monotonicMs() + this.#pollMs;
  }

  foundWork(): void {}

  /** A phase that ends wakes nobody: in the next one it goes on waiting. */
  async over(signal: AbortSignal): Promise<void> {
    if (!this.#isWaiting) return;
    const leftMs = Math.max(0, this.#pollAtMs - monotonicMs());
    await this.#calls.beyond(this.#seen, leftMs, signal);
    if (!signal.aborted) this.#isWaiting = false;
  }
}
