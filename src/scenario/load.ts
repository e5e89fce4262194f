import { unreachable } from "../base/assert.ts";
import type { Random } from "../base/random.ts";

export type Load =
  /** All bots wait at a barrier and claim at the same moment; `waves` times, each with `jobs.count` new jobs. */
  | { readonly kind: "rounds"; readonly waves: number }
  /** `jobs.count` jobs are there at the start; bots claim until none is left. */
  | { readonly kind: "drain" }
  /** Closed loop over a fixed window: a bot claims again as soon as it is done. */
  | { readonly kind: "duration"; readonly forMs: number }
  | ArrivalRate
  | Ramp;

/** Open loop: claims are due at their times, whether a bot is free or not. */
export interface ArrivalRate extends Punctuality {
  readonly kind: "arrival-rate";
  readonly ratePerSecond: number;
  readonly forMs: number;
}

/** Open loop in stages, one after the other. */
export interface Ramp extends Punctuality {
  readonly kind: "ramp";
  readonly stages: readonly Stage[];
}

export interface Stage {
  /** All bots together. */
  readonly ratePerSecond: number;
  readonly forMs: number;
}

export interface Punctuality {
  readonly arrivals: "constant" | "poisson";
  /** An arrival that no bot takes for so long is late, and still sent. */
  readonly lateAfterMs: number;
  /** An arrival that no bot takes for so long is skipped. */
  readonly skipAfterMs: number;
}

/** Jobs that are added while the load runs. */
export interface Producer {
  readonly ratePerSecond: number;
  /** From the start of the load; null: as long as the load lasts. */
  readonly untilMs: number | null;
}

/** A time that is drawn anew each time it is needed. */
export type DrawnTime =
  | { readonly kind: "constant"; readonly ms: number }
  | { readonly kind: "uniform"; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: "exponential"; readonly meanMs: number }
  | { readonly kind: "lognormal"; readonly medianMs: number; readonly sigma: number };

/** How long the load lasts by itself, in milliseconds; null where it ends with its work. */
export function fixedWindowMs(load: Load): number | null {
  switch (load.kind) {
    case "rounds":
    case "drain":
      return null;
    case "duration":
    case "arrival-rate":
      return load.forMs;
    case "ramp":
      return load.stages.reduce((sum, { forMs }) => sum + forMs, 0);
    default:
      return unreachable(load);
  }
}

/** The stages of an open loop; a load of one rate has one. */
export function stagesOf(load: ArrivalRate | Ramp): readonly Stage[] {
  if (load.kind === "ramp") return load.stages;
  return [{ ratePerSecond: load.ratePerSecond, forMs: load.forMs }];
}

/** Milliseconds. The mean of a lognormal is exp(ln median + σ² / 2). */
export function meanMs(time: DrawnTime): number {
  switch (time.kind) {
    case "constant":
      return time.ms;
    case "uniform":
      return (time.minMs + time.maxMs) / 2;
    case "exponential":
      return time.meanMs;
    case "lognormal":
      return time.medianMs * Math.exp(time.sigma ** 2 / 2);
    default:
      return unreachable(time);
  }
}

/** One draw, in milliseconds: by inversion, a lognormal by the method of Box and Muller (1958). */
export function drawMs(time: DrawnTime, random: Random): number {
  switch (time.kind) {
    case "constant":
      return time.ms;
    case "uniform":
      return random.between(time.minMs, time.maxMs);
    case "exponential":
      return exponential(time.meanMs, random);
    case "lognormal":
      return time.medianMs * Math.exp(time.sigma * standardNormal(random));
    default:
      return unreachable(time);
  }
}

/** A draw of the exponential distribution with this mean. */
export function exponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random.next());
}

function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
