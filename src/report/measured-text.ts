import { notAvailable, rate } from "./number.ts";
import type { MeasuredResult } from "./result.ts";

/** `1,204 [1,100–1,380]`: the median of the rounds and its 95 % interval; one number where there was one round. */
export function measuredText(measured: MeasuredResult): string {
  if (measured.median === null) return notAvailable;
  if (measured.low === null || measured.high === null || measured.samples.length < 2) {
    return rate(measured.median);
  }
  return `${rate(measured.median)} [${rate(measured.low)}–${rate(measured.high)}]`;
}
