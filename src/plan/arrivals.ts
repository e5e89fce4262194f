import type { Random } from "../base/random.ts";
import { exponential, stagesOf } from "../scenario/load.ts";
import type { ArrivalRate, Ramp } from "../scenario/load.ts";

/**
 * When claims are due, in milliseconds from the start of the load, ascending. `constant`: evenly spaced within a stage;
 * `poisson`: with exponential gaps, as independent clients come. The same seed gives the same times.
 *
 * A response is timed from these moments, not from when a bot got round to it: else a server that stalls would be asked
 * less just while it is slow, and the stall would hardly show ("coordinated omission").
 */
export function arrivalTimesMs(load: ArrivalRate | Ramp, random: Random): Float64Array {
  const times: number[] = [];
  let beginMs = 0;
  for (const { ratePerSecond, forMs } of stagesOf(load)) {
    const endMs = beginMs + forMs;
    const gapMs = 1000 / ratePerSecond;
    let nth = 0;
    let atMs = load.arrivals === "constant" ? beginMs : beginMs + exponential(gapMs, random);
    while (atMs < endMs) {
      times.push(atMs);
      nth++;
      // By multiplication, so that a million gaps do not add up a million rounding errors.
      if (load.arrivals === "constant") atMs = beginMs + nth * gapMs;
      else atMs += exponential(gapMs, random);
    }
    beginMs = endMs;
  }
  return Float64Array.from(times);
}
