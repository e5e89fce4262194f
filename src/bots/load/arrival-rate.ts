import { monotonicMs, nsPerMs } from "../../base/clock.ts";
import { Span } from "../../base/span.ts";
import { sleepUntil } from "../../base/timer.ts";
import { arrivalTimesMs } from "../../plan/arrivals.ts";
import { fixedWindowMs } from "../../scenario/load.ts";
import type { ArrivalRate, Ramp } from "../../scenario/load.ts";
import type { Bot } from "../bot.ts";
import type { Arrivals, LoadContext } from "../load.ts";

/** Conflicts of one arrival before its bot gives it up; a strategy that never gets past them is not live. */
const mostConflicts = 200;

/**
 * Open loop: claims arrive at their times, and the next free bot takes each. A bot has one connection and does one thing
 * at a time, so where all are busy arrivals wait; how long is part of their response, which counts from the time they
 * were due. One that waited too long is not sent any more, and counted.
 */
export async function arrivalRate(
  spec: ArrivalRate | Ramp,
  context: Pick<LoadContext, "crew" | "signal" | "now" | "random">,
): Promise<Arrivals> {
  using window = new Span({ outer: context.signal });
  const queue = new ArrivalQueue(spec, context);
  const turns = context.crew.local.map((bot) => queue.serve(bot, window.signal));
  await sleepUntil(queue.beginMs + (fixedWindowMs(spec) ?? 0), window.signal);
  window.end();
  await Promise.all(turns);
  return queue.counts();
}

class ArrivalQueue {
  readonly beginMs: number;
  readonly #beginNs: number;
  readonly #spec: ArrivalRate | Ramp;
  readonly #dueMs: Float64Array;
  #next = 0;
  #sent = 0;
  #late = 0;

  constructor(spec: ArrivalRate | Ramp, { now, random }: Pick<LoadContext, "now" | "random">) {
    this.#spec = spec;
    this.#dueMs = arrivalTimesMs(spec, random);
    // Both at once, and last: what lies between two readings of the clock would be taken off every response.
    this.#beginNs = now();
    this.beginMs = monotonicMs();
  }

  /** Takes arrivals one after the other until the window ends. */
  async serve(bot: Bot, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#next < this.#dueMs.length) {
      // Taken before it is due: the bot that waits for it is the one that was free first.
      const dueMs = this.#dueMs[this.#next++] as number;
      await sleepUntil(this.beginMs + dueMs, signal);
      if (signal.aborted) return;
      const lagMs = monotonicMs() - this.beginMs - dueMs;
      if (lagMs > this.#spec.skipAfterMs) continue;
      const asked = bot.asked;
      await claimFor(bot, this.#beginNs + dueMs * nsPerMs, signal);
      // The end of the window may meet a bot that has not come to ask, because it connects or finishes what it held.
      if (bot.asked === asked) continue;
      this.#sent++;
      if (lagMs > this.#spec.lateAfterMs) this.#late++;
    }
  }

  counts(): Arrivals {
    const scheduled = this.#dueMs.length;
    return { scheduled, late: this.#late, skipped: scheduled - this.#sent };
  }
}

/** A lost race is tried again for the same arrival: whoever came wants a job, not an attempt. */
async function claimFor(bot: Bot, intendedAtNs: number, signal: AbortSignal): Promise<void> {
  for (let conflicts = 0; conflicts < mostConflicts && !signal.aborted; conflicts++) {
    if ((await bot.takeTurn(signal, intendedAtNs)) !== "conflict") return;
  }
}
