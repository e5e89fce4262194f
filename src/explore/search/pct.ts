import type { Random } from "../../base/random.ts";
import type { Happened, Point, Scheduler } from "../schedule.ts";

export interface PctOptions {
  readonly bots: number;
  /** Choices that a schedule is expected to have, learned from schedules before it. */
  readonly points: number;
  /** How many orders between steps a bug needs to show. */
  readonly depth: number;
  readonly random: Random;
}

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): bots have random
 * priorities, the highest that can go on does, and at `depth - 1` random points the one that would go on falls behind
 * all others. Only points where more than one could go on count. A bot that waits keeps its priority.
 */
export class PctScheduler implements Scheduler {
  readonly #priorities: Map<number, number>;
  /** What falls to which priority: below all that were drawn. */
  readonly #changes: ReadonlyMap<number, number>;
  #point = 0;

  constructor({ bots, points, depth, random }: PctOptions) {
    const numbers = Array.from({ length: bots }, (_, at) => at + 1);
    const order = random.shuffle(numbers);
    this.#priorities = new Map(order.map((bot, at) => [bot, depth + at]));
    const places = Array.from({ length: points }, (_, at) => at + 1);
    const chosen = random.shuffle(places).slice(0, depth - 1);
    this.#changes = new Map(chosen.map((place, at) => [place, depth - 1 - at]));
  }

  /** Choices there have been. */
  get points(): number {
    return this.#point;
  }

  pick({ enabled }: Point): number {
    const next = this.#highest(enabled);
    if (enabled.length === 1) return next;
    const fallen = this.#changes.get(++this.#point);
    if (fallen === undefined) return next;
    this.#priorities.set(next, fallen);
    return this.#highest(enabled);
  }

  took(_happened: Happened): void {
    // What came of a step changes nothing: priorities are drawn before.
  }

  #highest(enabled: Point["enabled"]): number {
    const priority = ({ bot }: Point["enabled"][number]): number => this.#priorities.get(bot) ?? 0;
    return enabled.reduce((best, each) => (priority(each) > priority(best) ? each : best)).bot;
  }
}

/** The chance that one schedule shows a bug of that depth, at least: 1 / (n k^(d-1)). */
export function pctChance(options: Pick<PctOptions, "bots" | "points" | "depth">): number {
  const { bots, points, depth } = options;
  return 1 / (bots * Math.max(1, points) ** (depth - 1));
}

/** The chance that at least one of `runs` schedules does. */
export function pctChanceOf(runs: number, one: number): number {
  return -Math.expm1(runs * Math.log1p(-Math.min(one, 1)));
}
