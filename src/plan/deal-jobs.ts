import type { Random } from "../base/random.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** What distinguishes jobs: lists that are dealt out to them over and over again. Absent: they are all alike. */
export interface DealtJobs {
  readonly types?: readonly string[];
  readonly priorities?: readonly number[];
  readonly keys?: readonly string[];
  readonly maxAttempts?: number;
}

/** Long enough for any share worth naming, short enough to send with every enqueue. */
const longestDeck = 1_000;

/**
 * The scenario's shares as decks of cards, shuffled by the seed each on its own: among as many jobs as a deck has cards,
 * every share is met to the nearest card, and no type always comes with the same priority.
 */
export function dealJobs({ jobs }: Scenario, random: Random): DealtJobs {
  const { types, priorities, keys, maxAttempts } = jobs;
  const cards = Math.min(jobs.count, longestDeck);
  const deck = (name: string, shares: Readonly<Record<string, number>>): string[] =>
    random.fork(name).shuffle(cardsOf(shares, cards));
  return {
    ...(types && { types: deck("types", types) }),
    ...(priorities && { priorities: deck("priorities", priorities).map(Number) }),
    ...(keys !== undefined && { keys: deck("keys", evenShares(keys, cards)) }),
    ...(maxAttempts !== undefined && { maxAttempts }),
  };
}

/** So many cards by largest remainder; a share too small for a card gets one all the same, as long as there are enough. */
function cardsOf(shares: Readonly<Record<string, number>>, cards: number): string[] {
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const wanted = Object.entries(shares).map(([name, share]) => {
    const exact = (share / total) * cards;
    return { name, count: Math.max(1, Math.floor(exact)), rest: exact - Math.floor(exact) };
  });
  const byRest = wanted.toSorted((left, right) => right.rest - left.rest);
  const dealt = wanted.reduce((sum, { count }) => sum + count, 0);
  const extra = new Set(byRest.slice(0, Math.max(0, cards - dealt)).map(({ name }) => name));
  const names = wanted.flatMap(({ name, count }) =>
    Array.from({ length: count + (extra.has(name) ? 1 : 0) }, () => name),
  );
  return names;
}

function evenShares(keys: number, cards: number): Readonly<Record<string, number>> {
  const names = Array.from({ length: Math.min(keys, cards) }, (_, at) => `key-${at + 1}`);
  return Object.fromEntries(names.map((name) => [name, 1]));
}
