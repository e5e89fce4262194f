import { areDependent } from "../footprint.ts";
import type { Footprint } from "../footprint.ts";

/** One step of a schedule, as far as it decides what had to come before what. */
export interface TraceStep {
  readonly bot: number;
  readonly footprint: Footprint;
  /** Other bots whose statements it set free: what they do next comes after it. */
  readonly freed: readonly number[];
}

/** Two dependent steps of different bots with nothing that forces their order in between: it could be the other way round. */
export interface Race {
  /** The place of the earlier of the two, from 0, and the bot of the later. */
  readonly at: number;
  readonly later: number;
  /** Bots of which any can begin, at that place, an order in which the later comes first. */
  readonly initials: ReadonlySet<number>;
}

/**
 * The races of a schedule, as source-DPOR has them (Abdulla, Aronsson, Jonsson, Sagonas: Source Sets, JACM 2017): for the
 * steps i and j the order that is to be tried is whatever does not come after i, then j. A bot is an initial of that if its
 * first step in it comes after none of the others.
 */
export function racesOf(trace: readonly TraceStep[]): readonly Race[] {
  const before = orderOf(trace);
  const races: Race[] = [];
  for (let later = 1; later < trace.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      if (!isRace(trace, before, [earlier, later])) continue;
      const initials = initialsOf(trace, before, [earlier, later]);
      races.push({ at: earlier, later: (trace[later] as TraceStep).bot, initials });
    }
  }
  return races;
}

/** For each step, those that had to come before it: its bot's, what set its bot free, what it depends on, and theirs. */
type Order = readonly ReadonlySet<number>[];

function orderOf(trace: readonly TraceStep[]): Order {
  const before: Set<number>[] = [];
  for (const [at, step] of trace.entries()) {
    const its = new Set<number>();
    for (let earlier = at - 1; earlier >= 0; earlier--) {
      if (its.has(earlier)) continue;
      const other = trace[earlier] as TraceStep;
      const isBound = other.bot === step.bot || other.freed.includes(step.bot);
      if (!isBound && !areDependent(other.footprint, step.footprint)) continue;
      its.add(earlier);
      for (const each of before[earlier] as Set<number>) its.add(each);
    }
    before.push(its);
  }
  return before;
}

type Pair = readonly [earlier: number, later: number];

function isRace(trace: readonly TraceStep[], before: Order, [earlier, later]: Pair): boolean {
  const [one, other] = [trace[earlier] as TraceStep, trace[later] as TraceStep];
  if (one.bot === other.bot || !areDependent(one.footprint, other.footprint)) return false;
  for (let between = earlier + 1; between < later; between++) {
    if (before[between]?.has(earlier) && before[later]?.has(between)) return false;
  }
  return true;
}

function initialsOf(
  trace: readonly TraceStep[],
  before: Order,
  [earlier, later]: Pair,
): ReadonlySet<number> {
  const wanted: number[] = [];
  for (let at = earlier + 1; at < later; at++) {
    if (!before[at]?.has(earlier)) wanted.push(at);
  }
  wanted.push(later);
  const initials = new Set<number>();
  for (const at of wanted) {
    // The race itself is what is to be turned round, so the earlier step does not count.
    if (!wanted.some((other) => other < at && before[at]?.has(other))) {
      initials.add((trace[at] as TraceStep).bot);
    }
  }
  return initials;
}
