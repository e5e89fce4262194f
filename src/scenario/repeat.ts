import { z } from "zod";
import { fixedLooks, mostLooks } from "../stats/looks.ts";
import { hinted } from "./problem.ts";
import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";

const maxRepeat = 1_000;

/** `repeat: 3` */
export const fixedRepeat = z.int().min(1).max(maxRepeat);

const sequentialRepeat = z
  .strictObject({
    min: z.int().min(2).max(maxRepeat).describe("The first look at the comparisons"),
    max: z.int().min(2).max(maxRepeat).describe("The end, decided or not"),
  })
  .refine(({ min, max }) => min < max, hinted("min is not below max", "write { min: 6, max: 24 }"))
  .refine(
    ({ min, max }) => min < 2 || min >= max || fixedLooks(min, max) !== undefined,
    hinted("min and max lie too far apart", `raise min: there are at most ${mostLooks} looks`),
  );

export const repeat = z
  .union([fixedRepeat, sequentialRepeat], {
    error: hinted("not a number of rounds", "write repeat: 6, or repeat: { min: 6, max: 24 }"),
  })
  .default(1)
  .describe(
    "Rounds per strategy, interleaved A B B A; with min and max, until every comparison of claims/s is decided",
  );

/** The most rounds, and the least where the run may end before. */
export function readRepeat(
  written: z.output<typeof repeat>,
): Pick<Scenario, "repeat" | "leastRepeat"> {
  if (typeof written === "number") return { repeat: written };
  return { repeat: written.max, leastRepeat: written.min };
}

/** Stopping when all is decided needs something to decide. */
export function repeatFindings({ leastRepeat, strategies }: Scenario): Finding[] {
  if (leastRepeat === undefined || strategies.controls.length > 0) return [];
  const what = "repeat has a min and a max, but no control to compare with";
  const hint = "write one number, or name a control";
  return [{ path: ["repeat"], at: "key", what, hint }];
}
