import { z } from "@hono/zod-openapi";
import { claimIdPattern } from "./claim-id.ts";

/** What requests and answers hold. Numbers stay below 2^53, so that JSON can carry them. */
const id = z.int().min(1);
export const bot = id.openapi({ description: "Number of the bot, 1 or more", example: 3 });
const mostJobs = 10_000;
const mostClaims = 1_000;

export const newJobs = z
  .strictObject({
    count: z.int().min(1).max(mostJobs).default(1).openapi({ description: "How many jobs" }),
    type: z.string().min(1).max(100).optional(),
    priority: z.int().min(-32_768).max(32_767).optional(),
    key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: "At most one job of a key is held at a time" }),
    maxAttempts: z.int().min(1).max(1_000).optional(),
  })
  .openapi("NewJobs");

export const jobIds = z.object({ ids: z.array(id) }).openapi("JobIds");

export const claimRequest = z
  .strictObject({
    bot,
    limit: z
      .int()
      .min(1)
      .max(mostClaims)
      .default(1)
      .openapi({ description: "At most so many jobs" }),
    types: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: "Types of job the bot takes; absent: all" }),
  })
  .openapi("ClaimRequest");

const claim = {
  id: z.string().openapi({ description: "Names the claim in every later request", example: "9-1" }),
  job: id,
  attempt: z
    .int()
    .nullable()
    .openapi({ description: "1, 2, 3 …; null where the strategy does not tell it" }),
};

export const claims = z.object({ claims: z.array(z.object(claim)) }).openapi("Claims");

export const work = z.object({ a: z.int(), b: z.int() }).openapi("Work", {
  description: "The work of a job: two numbers to add up",
});

export const heldClaims = z
  .object({
    claims: z.array(
      z.object({ ...claim, status: z.enum(["claimed", "processing"]), a: z.int(), b: z.int() }),
    ),
  })
  .openapi("HeldClaims");

export const holder = z.strictObject({ bot }).openapi("Holder");
export const completion = z.strictObject({ bot, result: z.int() }).openapi("Completion");
export const failure = z.strictObject({ bot, error: z.string().max(10_000) }).openapi("Failure");

export const failed = z
  .object({
    status: z.enum(["pending", "dead"]),
    retryInMs: z.number().optional().openapi({ description: "Until the job may be claimed again" }),
  })
  .openapi("Failed");

export const rescued = z
  .object({
    rescued: z.array(
      z.object({
        job: id,
        attempt: z.int().optional(),
        bot: z.int().optional(),
        isDead: z.boolean().optional(),
      }),
    ),
  })
  .openapi("Rescued");

export const deadLetters = z
  .object({
    jobs: z.array(
      z.object({
        job: id,
        attempt: z.int(),
        type: z.string(),
        error: z.string().nullable(),
      }),
    ),
  })
  .openapi("DeadLetters");

export const redriveRequest = z
  .strictObject({
    jobs: z
      .array(id)
      .min(1)
      .max(mostJobs)
      .optional()
      .openapi({ description: "Absent: all of them" }),
  })
  .openapi("RedriveRequest");

export const health = z.object({ status: z.literal("ok") }).openapi("Health");

export const claimParameter = z.object({
  claim: z
    .string()
    .regex(claimIdPattern)
    .openapi({ param: { name: "claim", in: "path" }, example: "9-1" }),
});

export const botParameter = z.object({
  bot: z.coerce
    .number()
    .pipe(id)
    .openapi({ param: { name: "bot", in: "path" }, type: "integer", example: 3 }),
});
