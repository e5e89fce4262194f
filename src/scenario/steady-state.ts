import { z } from "zod";
import { positiveDurationMs } from "./duration.ts";

/** What a scenario may say of how the load must run before anything is broken. */
export const steadyState = z
  .strictObject({
    claims: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(20)
      .describe("So many claims must have been granted first"),
    errors: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("Part of the bots' operations that may have failed until then; conflicts are none"),
    within: positiveDurationMs
      .prefault("10s")
      .describe("Without it by then, no fault is injected and the run is inconclusive"),
  })
  .optional()
  .describe(
    "Faults wait until the load runs well, and their times count from then on; without it the first of them waits for one claim",
  );
