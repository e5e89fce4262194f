import { z } from "zod";

/** The parts of result.json that show a reader what happened. Absent in results of versions that did not keep them. */

/** How a strategy claims: its SQL as it was run, step by step. */
export const claimSql = z.object({
  /** `none`: every step commits on its own. */
  transaction: z.string(),
  steps: z.array(z.object({ name: z.string(), sql: z.string() })),
});

/**
 * What happened to single jobs, for looking one up: `[ms from the start of the load, what, bot, attempt]`. Those of
 * the evidence first, then those with more than one grant or a failure, then others, up to a bound; `total` is how many jobs
 * the history tells of.
 */
export const jobStories = z.object({
  total: z.int(),
  kept: z.array(
    z.object({
      round: z.int(),
      job: z.number(),
      events: z.array(z.tuple([z.number(), z.string(), z.int().nullable(), z.int().nullable()])),
    }),
  ),
});
