/**
 * One monotonic clock for a run, in nanoseconds since its origin.
 *
 * `process.hrtime` reads CLOCK_MONOTONIC, which every process and worker thread of a machine shares, so clocks
 * made from the same origin in different processes agree. A number holds whole nanoseconds up to 2^53, 104 days.
 */
export interface Clock {
  /** The raw monotonic reading that counts as zero, to hand to another thread or process. */
  readonly originNs: bigint;
  /** Nanoseconds since the origin. */
  now(): number;
}

export function startClock(originNs: bigint = process.hrtime.bigint()): Clock {
  return { originNs, now: () => Number(process.hrtime.bigint() - originNs) };
}

/** Milliseconds with fractions on this thread's monotonic clock; cheaper than a `Clock`, for timers and durations. */
export function monotonicMs(): number {
  return performance.now();
}

/** The calendar time, for names and reports only; never for measuring. */
export function wallClock(): Date {
  return new Date();
}

export const nsPerMs = 1_000_000;
