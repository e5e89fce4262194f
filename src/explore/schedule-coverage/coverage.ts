import type { Counterexample } from "../counterexample/counterexample.ts";
import type { ExploredClasses } from "./classes.ts";
import { mayBe } from "./fitting.ts";
import type { Pair } from "./fitting.ts";
import type { RunClaim } from "./run-claims.ts";

/** How a class fared in a run. */
export interface ClassCoverage {
  /** Pairs of claims that went so, and can have gone no other way. */
  readonly seen: number;
  /** Pairs of claims that may have gone so, or in another class. */
  readonly possible: number;
  /** Properties that its schedules break. */
  readonly breaks: readonly string[];
  /** One of its schedules, in the form of a counterexample. */
  readonly example: Counterexample;
}

/** Which classes of two bots' claims a run has visited. */
export interface Coverage {
  readonly classes: readonly ClassCoverage[];
  /** Classes that were seen; that may have been; that were not. */
  readonly visited: number;
  readonly possible: number;
  readonly never: number;
  /** False: there may be classes that the exploration did not find. */
  readonly isWhole: boolean;
  /** Claims of which all statements are known. */
  readonly claims: number;
  readonly pairs: PairCounts;
}

export interface PairCounts {
  readonly looked: number;
  /** Of these: show their class; leave it open; are of no class, since somebody or something else had a part in them. */
  readonly certain: number;
  readonly ambiguous: number;
  readonly outside: number;
  /** Were too many to look at. */
  readonly leftOut: number;
}

/** Bounds the time for a run of very many bots. */
const mostPairs = 300_000;

/** `rounds`: the claims of each round, by when they began. */
export function coverageOf(
  explored: ExploredClasses,
  rounds: readonly (readonly RunClaim[])[],
): Coverage {
  const { classes, isWhole } = explored;
  const counts = classes.map(() => ({ seen: 0, possible: 0 }));
  const pairs = { looked: 0, certain: 0, ambiguous: 0, outside: 0, leftOut: 0 };
  for (const pair of rounds.flatMap((claims) => pairsOf(claims))) {
    if (pairs.looked === mostPairs) {
      pairs.leftOut++;
      continue;
    }
    pairs.looked++;
    const fitting = fittingOf(pair, explored);
    pairs[fitting.length === 0 ? "outside" : fitting.length === 1 ? "certain" : "ambiguous"]++;
    for (const at of fitting) {
      const its = counts[at] as { seen: number; possible: number };
      its[fitting.length === 1 ? "seen" : "possible"]++;
    }
  }
  const covered = classes.map(({ example }, at): ClassCoverage => {
    const breaks = example.broken.map(({ property }) => property);
    return { ...(counts[at] as { seen: number; possible: number }), breaks, example };
  });
  const visited = covered.filter(({ seen }) => seen > 0).length;
  const possible = covered.filter((each) => each.seen === 0 && each.possible > 0).length;
  const never = covered.length - visited - possible;
  const claims = rounds.flat().length;
  return { classes: covered, visited, possible, never, isWhole, claims, pairs };
}

/** The classes, by their places, in which the two claims may be: whoever of bots that are alike is the first. */
function fittingOf(
  [one, other]: Pair,
  { classes, areAlike, steps }: ExploredClasses,
): readonly number[] {
  const inOrder: Pair = one.bot < other.bot ? [one, other] : [other, one];
  const ways: readonly Pair[] = areAlike ? [inOrder, [inOrder[1], inOrder[0]]] : [inOrder];
  return classes.flatMap((its, at) => (ways.some((pair) => mayBe(pair, its, steps)) ? [at] : []));
}

/** Claims of two bots that overlap in time, and each claim with the last one of another bot that had ended before it began. */
export function pairsOf(claims: readonly RunClaim[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let open: RunClaim[] = [];
  /** Of every bot, the claim that ended last, the latest first. */
  let ended: RunClaim[] = [];
  for (const claim of claims) {
    const over = open.filter(({ to }) => to < claim.from);
    open = open.filter(({ to }) => to >= claim.from);
    ended = latest([...ended, ...over]);
    for (const other of open) if (other.bot !== claim.bot) pairs.push([other, claim]);
    const before = ended.find(({ bot }) => bot !== claim.bot);
    if (before !== undefined) pairs.push([before, claim]);
    open.push(claim);
  }
  return pairs;
}

/** Of two bots at most: one of them is another than whoever claims next. */
function latest(claims: readonly RunClaim[]): RunClaim[] {
  const ordered = claims.toSorted((one, other) => other.to - one.to);
  const [first] = ordered;
  const second = ordered.find(({ bot }) => bot !== first?.bot);
  return [first, second].filter((claim) => claim !== undefined);
}
