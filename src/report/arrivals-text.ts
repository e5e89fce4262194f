import { count, rate } from "./number.ts";
import type { StrategyResult } from "./result.ts";

type Ramp = NonNullable<StrategyResult["ramp"]>;

/** What became of a scheduled load, in one line; undefined where claims were not scheduled. */
export function arrivalsText({ arrivals, ramp }: StrategyResult): string | undefined {
  if (arrivals === null || arrivals === undefined) return undefined;
  const { scheduled, late, skipped } = arrivals;
  const parts = [
    `${count(scheduled)} claims were due, ${count(late)} sent late, ${count(skipped)} not at all`,
    ...(ramp === null || ramp === undefined ? [] : [kneeText(ramp)]),
    ...(skipped === 0 ? [] : ["latencies leave out those that were not sent"]),
  ];
  return parts.join("; ");
}

export function kneeText({ kneePerSecond }: Ramp): string {
  if (kneePerSecond === null) return "it kept up with no stage";
  return `it kept up with ${rate(kneePerSecond)} arrivals a second`;
}
