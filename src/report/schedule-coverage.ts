import { z } from "zod";
import { count } from "./number.ts";

/** Which of the orders that two bots' claims can have were among those of a run. */
export const scheduleCoverage = z.object({
  /** Classes of orders that no bot can tell apart: all that were found; seen; perhaps seen. */
  classes: z.int(),
  visited: z.int(),
  possible: z.int(),
  /** False: there may be classes that were not found. */
  isWhole: z.boolean(),
  /** Pairs of claims that were looked at, and those that show their class. */
  pairs: z.object({ looked: z.int(), certain: z.int() }),
});

export type ScheduleCoverage = z.infer<typeof scheduleCoverage>;

/** "2 of 4 classes of two bots' claims, and perhaps 2 more"; undefined where nobody looked. */
export function coverageText({
  coverage,
}: {
  readonly coverage?: ScheduleCoverage | undefined;
}): string | undefined {
  if (coverage === undefined) return undefined;
  const { pairs } = coverage;
  const shown = `${count(pairs.certain)} of ${count(pairs.looked)} pairs of claims show theirs`;
  return `visited ${visitedText(coverage)} classes of two bots' claims${perhapsText(coverage)}; ${shown}`;
}

/** "2 of 4", "2 of at least 4". */
export function visitedText({ classes, visited, isWhole }: ScheduleCoverage): string {
  return `${count(visited)} of ${isWhole ? "" : "at least "}${count(classes)}`;
}

function perhapsText({ possible }: ScheduleCoverage): string {
  return possible === 0 ? "" : `, and perhaps ${count(possible)} more`;
}
