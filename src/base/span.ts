import { setMaxListeners } from "node:events";

/**
 * A stretch of time that can be ended: by a deadline, by an outer signal, or by `end`. Any number of waits may hang on
 * its signal.
 *
 * In place of AbortSignal.any and AbortSignal.timeout: Node 20 holds the signals they are made of weakly, so that a
 * deadline that nobody else holds can be collected and then never comes (seen as a load that ran for ten minutes
 * past a deadline of two seconds).
 */
export class Span implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onOuterAbort = (): void => this.end();
  #isExpired = false;

  constructor(bounds: { readonly outer?: AbortSignal; readonly deadlineMs?: number } = {}) {
    setMaxListeners(0, this.#controller.signal);
    this.#outer = bounds.outer;
    this.#outer?.addEventListener("abort", this.#onOuterAbort, { once: true });
    if (bounds.deadlineMs !== undefined) this.expireAfter(bounds.deadlineMs);
    if (this.#outer?.aborted) this.end();
  }

  /** Aborts when the span ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It was the deadline that ended it. */
  get isExpired(): boolean {
    return this.#isExpired;
  }

  /** Sets the deadline, from now on; it replaces the one before. */
  expireAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #expire(): void {
    this.#isExpired = !this.#controller.signal.aborted;
    this.end();
  }
}
