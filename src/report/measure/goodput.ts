import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import type { LoadWindow } from "./load-window.ts";

/**
 * First grants a second, over the time in which there was something to claim: from the begin of the load to the last
 * grant; in waves, from each release to the last answer to a claim; in a load of fixed length, over all of it. Null where no time passed. A load in which nothing
 * was granted is a rate of zero, not a missing one: that is what a stalled queue looks like.
 */
export function claimsPerSecond({ round, load, grants, isFixedWindow }: Goodput): number | null {
  const windowNs = isFixedWindow ? load.toNs - load.fromNs : workNs(round, load, grants);
  return windowNs > 0 ? (grants.length / windowNs) * 1000 * nsPerMs : null;
}

interface Goodput {
  readonly round: RoundEvidence;
  readonly load: LoadWindow;
  readonly grants: Float64Array;
  /** The load lasts as long as the scenario says, work or not. */
  readonly isFixedWindow: boolean;
}

function workNs(round: RoundEvidence, load: LoadWindow, grants: Float64Array): number {
  return load.waves.length > 0 ? wavesNs(round, load) : untilLastGrantNs(load, grants);
}

function untilLastGrantNs(load: LoadWindow, grants: Float64Array): number {
  return (grants.at(-1) ?? load.toNs) - load.fromNs;
}

/** Between a wave's last answer and the next release bots work and wait for each other: not the strategy's time. */
function wavesNs({ operations, events }: RoundEvidence, { waves }: LoadWindow): number {
  const lastAnswers = waves.map((wave) => wave.fromNs);
  let wave = 0;
  for (let operation = 0; operation < operations.length; operation++) {
    const invoke = operations.invoke(operation);
    while (wave < waves.length && invoke >= (waves[wave]?.to ?? Infinity)) wave++;
    if (wave === waves.length) break;
    const complete = operations.complete(operation);
    const isInside = invoke >= (waves[wave]?.from ?? Infinity);
    if (!isInside || complete === -1 || operations.op(operation) !== "claim") continue;
    lastAnswers[wave] = Math.max(lastAnswers[wave] as number, events.t(complete));
  }
  return waves.reduce((sum, each, place) => sum + (lastAnswers[place] as number) - each.fromNs, 0);
}
