import type { Scenario } from "../scenario/scenario.ts";
import { fixedLooks } from "../stats/looks.ts";
import type { Looks } from "../stats/looks.ts";

/** When a run looks whether it may end, and how sure it must be; undefined where it runs all its rounds. */
export function looksOfScenario({ repeat, leastRepeat }: Scenario): Looks | undefined {
  return leastRepeat === undefined ? undefined : fixedLooks(leastRepeat, repeat);
}
