import { monotonicMs } from "./clock.ts";

/**
 * Keeps the event loop turning for a moment when the next event is expected sooner than it takes to wake a sleeping thread.
 *
 * Where two peers take turns on one connection, each of them and whoever stands between sleeps while the other works, and
 * waking up costs some 25 µs on an idle core: measured, half of a round trip. Turning uses a whole core, so it is done
 * only where a core is certainly idle and where it pays: while the events come from one source, one after the other, and
 * each came in time. Two sources that are busy at once, an event that did not come, or a turn that took so long that
 * somebody else must have had the core, end it until a new series has shown that it is worth while again.
 */
export class Wakefulness {
  /** Events in a row of the same source, since the last disappointment. */
  #series = 0;
  #source: object | undefined;
  #untilMs = 0;
  #lastTurnMs = 0;
  #isTurning = false;

  /** Something has come from `source`, which its peer may answer at once. */
  noteEvent(source: object): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#series = 0;
    }
    if (++this.#series < convincingSeries) return;
    const nowMs = monotonicMs();
    this.#untilMs = nowMs + longestWaitMs;
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#lastTurnMs = nowMs;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const nowMs = monotonicMs();
    const wasPushedAside = nowMs - this.#lastTurnMs > longestTurnMs;
    this.#lastTurnMs = nowMs;
    if (wasPushedAside) this.#series = -standOff;
    else if (nowMs >= this.#untilMs) this.#series = 0;
    if (this.#series >= convincingSeries) setImmediate(this.#turn);
    else this.#isTurning = false;
  };
}

/** So many events in a row show that one source is busy alone, and a series that disappoints costs little. */
const convincingSeries = 32;
/** Twice what it takes to be woken: who answers later than that loses little by a sleep. */
const longestWaitMs = 0.06;
/** A turn takes some µs, with a chunk to pass on some tens. */
const longestTurnMs = 1;
/** Events to let pass without turning, after somebody else needed the core. */
const standOff = 5000;
