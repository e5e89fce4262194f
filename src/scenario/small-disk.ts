import { z } from "zod";

/** A new data folder takes 40 MB, and its log grows. */
const leastMb = 96;
const mostMb = 4_096;

export const diskMb = z
  .int()
  .min(leastMb)
  .max(mostMb)
  .optional()
  .describe(
    "The embedded server's data folder lies on a disk of so many MB of its own, in memory, that can be filled",
  );
