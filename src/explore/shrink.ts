import { Span } from "../base/span.ts";
import type { Counterexample } from "./counterexample/counterexample.ts";
import { Tally } from "./tally.ts";
import { Tree } from "./search/tree.ts";
import type { Theatre } from "./theatre.ts";

/** A theatre for as many bots, and as many jobs fewer. */
export type OpenTheatre = (bots: number) => Promise<{ theatre: Theatre; tally: Tally }>;

/** A counterexample of more preemptions is as good as any. */
const mostPreemptions = 3;
/** Schedules that are tried at one size: small ones have far fewer. */
const mostSchedules = 400;

/**
 * The smallest schedule that breaks the same property: of the fewest bots; of those, with the fewest preemptions, since
 * schedules with none are tried first, then those with one; of those, the shortest. What takes longer than `deadlineMs`
 * to find is left as it is.
 */
export async function shrink(
  found: Counterexample,
  property: string,
  open: OpenTheatre,
  deadlineMs: number,
): Promise<Counterexample> {
  using span = new Span({ deadlineMs });
  for (let bots = 1; bots <= found.bots && !span.signal.aborted; bots++) {
    const { theatre, tally } = await open(bots);
    try {
      const search = { theatre, tally, property, bots, signal: span.signal };
      const smaller = await smallest(search);
      if (smaller !== undefined) return isSmaller(smaller, found) ? smaller : found;
    } finally {
      await theatre[Symbol.asyncDispose]();
    }
  }
  return found;
}

interface Search {
  readonly theatre: Theatre;
  readonly tally: Tally;
  readonly property: string;
  readonly bots: number;
  readonly signal: AbortSignal;
}

async function smallest(search: Search): Promise<Counterexample | undefined> {
  const { theatre, tally, property, bots, signal } = search;
  const alike = theatre.areAlike ? bots : 0;
  for (let bound = 0; bound <= mostPreemptions; bound++) {
    const tree = new Tree({ extent: bound, alike });
    for (let run = 0; run < mostSchedules && !tree.isDone && !signal.aborted; run++) {
      const walk = tree.walk();
      const performance = await theatre.perform(walk);
      walk.end(performance.schedule.end.kind !== "called-off");
      tally.add(performance);
    }
    const found = tally.counterexampleOf(property);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSmaller(one: Counterexample, other: Counterexample): boolean {
  const sizes = [
    one.bots - other.bots,
    one.preemptions - other.preemptions,
    one.steps.length - other.steps.length,
  ];
  return (sizes.find((difference) => difference !== 0) ?? 0) < 0;
}
