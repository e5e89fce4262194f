import { median } from "../stats/quantile.ts";
import { medianDeviations } from "../stats/median-deviation.ts";
import type { Compared } from "./comparisons.ts";
import type { RoundMeasurement } from "./measure/round.ts";
import { significant } from "./measure/significant.ts";
import type { RunResult } from "./result.ts";

type DiscardedRound = NonNullable<RunResult["discardedRounds"]>[number];

/** Three deviations, after MongoDB's way to tell a bad host from a bad change; and by so much that it can matter. */
const mostDeviations = 3;
const leastChange = 0.1;

const canaries = ["cpuMs", "queryMs"] as const;

interface Played {
  readonly name: string;
  readonly rounds: readonly RoundMeasurement[];
}

/**
 * Rounds in which the machine was another one: work that is the same in every round took a different time. What they
 * measured says something of the machine, so they are left out of comparisons, each with the reason.
 */
export function discardedRounds(strategies: readonly Played[]): DiscardedRound[] {
  const rounds = strategies.flatMap(({ name, rounds: own }) =>
    own.flatMap((round) => (round.load?.canary === undefined ? [] : [{ name, round }])),
  );
  const discarded = canaries.flatMap((canary) => {
    const times = rounds.map(({ round }) => round.load?.canary?.[canary] ?? 0);
    const deviations = medianDeviations(times);
    const middle = median(times) ?? 0;
    return rounds.flatMap(({ name, round }, place) => {
      const far = deviations?.[place] ?? 0;
      const change = Math.abs((times[place] as number) - middle) / middle;
      if (far <= mostDeviations || change <= leastChange) return [];
      return [{ round: round.round, strategy: name, canary, deviations: significant(far) }];
    });
  });
  return discarded.toSorted((one, other) => one.round - other.round);
}

/** What is left to be compared. */
export function withoutRounds(
  compared: readonly Compared[],
  discarded: readonly DiscardedRound[],
): readonly Compared[] {
  const left = new Set(discarded.map(({ round }) => round));
  return compared.map((each) => ({
    ...each,
    rounds: each.rounds.filter(({ round }) => !left.has(round)),
  }));
}
