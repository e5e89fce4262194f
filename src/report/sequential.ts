import type { LookDetail } from "../history/event.ts";
import { confidenceText, describeRepeat } from "../plan/describe.ts";
import { looksOfScenario } from "../plan/looks.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ComparisonResult, RunResult } from "./result.ts";

type Sequential = NonNullable<RunResult["sequential"]>;

/** The metric that decides how long a run goes on: the others are compared at the same level, and wait for nobody. */
const deciding = "claimsPerSecond";

/** What a run knows after so many repeats. It stops where there is something to decide and all of it is decided. */
export function lookAt(
  comparisons: readonly ComparisonResult[],
  { repeats, most }: { readonly repeats: number; readonly most: number },
): LookDetail {
  const rates = comparisons.filter(({ metric }) => metric === deciding);
  const decided = rates.filter(({ decision }) => decision !== "inconclusive").length;
  const stops = repeats < most && rates.length > 0 && decided === rates.length;
  return { repeats, comparisons: rates.length, decided, stops };
}

/** How a run of a number of rounds that was not fixed came to its end; null where it was. */
export function sequentialResult(
  scenario: Scenario,
  { looks, interrupted }: { readonly looks: readonly LookDetail[]; readonly interrupted: boolean },
): Sequential | null {
  const planned = looksOfScenario(scenario);
  const { repeat: most, leastRepeat: least } = scenario;
  if (planned === undefined || least === undefined) return null;
  const last = looks.at(-1);
  const end = last?.stops === true ? "decided" : interrupted ? "interrupted" : "most";
  const { confidence } = planned;
  const summary = `${endTexts[end](most, last)}; intervals of ${confidenceText(confidence)}, so that all looks together are wrong in 5 %`;
  return { least, most, confidence, looks: looks.map((look) => ({ ...look })), end, summary };
}

const endTexts: Readonly<
  Record<Sequential["end"], (most: number, last: LookDetail | undefined) => string>
> = {
  decided: (most, last) =>
    `ended after ${last?.repeats ?? 0} of ${most} repeats: every comparison of claims/s was decided`,
  most: (most, last) =>
    `ended after the last of ${most} repeats, with ${undecided(last)} undecided of the comparisons of claims/s`,
  interrupted: () => "interrupted before its comparisons of claims/s were decided",
};

function undecided(look: LookDetail | undefined): string {
  return look === undefined ? "all" : `${look.comparisons - look.decided} of ${look.comparisons}`;
}

/** "each strategy 3 times", "each strategy 10 of 6 to 24 times". */
export function playedText(scenario: Scenario, sequential: Sequential | null): string {
  const times = describeRepeat(scenario);
  if (sequential?.end !== "decided") return `each strategy ${times}`;
  return `each strategy ${sequential.looks.at(-1)?.repeats} of ${times}`;
}
