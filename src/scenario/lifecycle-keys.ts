import { z } from "zod";
import { durationMs, positiveDurationMs } from "./duration.ts";
import { hinted } from "./problem.ts";

/** More than this a bot cannot hold without its batch being the scenario. */
const maxLimit = 1_000;
const maxAttempts = 1_000;
const maxKinds = 100;
/** As many as `dealJobs` has cards. */
const maxKeys = 1_000;
const maxShare = 1_000;

const share = z.number().positive().max(maxShare);
const typeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
  error: hinted("not the name of a type", "write letters, digits, - and _"),
});

export const claims = z
  .strictObject({
    lease: positiveDurationMs.prefault("60s").describe("How long a claim is good for"),
    heartbeat: positiveDurationMs
      .optional()
      .describe("A bot at work renews its leases so often; absent: it does not"),
    limit: z.int().min(1).max(maxLimit).default(1).describe("Most jobs of one claim"),
  })
  .describe("How long a claim lasts, and how many jobs it takes");

export const rescue = z
  .strictObject({
    every: positiveDurationMs.describe("From the end of one rescue to the next"),
  })
  .describe("Expired claims are taken from their holders; absent: nobody does");

export const retry = z
  .strictObject({
    base: durationMs.prefault("100ms").describe("Wait after the first failure; doubled each time"),
    cap: durationMs.prefault("10s").describe("Longest wait"),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe("The part of a wait that is drawn by lot"),
    redrive: z
      .int()
      .min(1)
      .max(maxAttempts)
      .optional()
      .describe("Dead jobs are redriven once after the drain, with so many more attempts"),
  })
  .describe("What becomes of jobs whose work failed");

const mostTypes = `at most ${maxKinds} types`;

const weights = z
  .record(typeName, share)
  .refine((types) => Object.keys(types).length <= maxKinds, mostTypes);

/** The k-th type has the share 1 / k^s (Zipf's law): a few types make up most of the jobs, as in most systems. */
const zipfTypes = z
  .strictObject({
    zipf: z.number().positive().max(10).describe("The exponent: 1.1 is usual, larger is steeper"),
    types: z
      .array(typeName)
      .min(1)
      .max(maxKinds, mostTypes)
      .refine((types) => new Set(types).size === types.length, "a type stands twice")
      .describe("The most frequent first"),
  })
  .transform(({ zipf, types }) =>
    Object.fromEntries(types.map((type, place) => [type, (place + 1) ** -zipf])),
  );

/** Beside `count` and `work`. */
export const jobKinds = {
  types: z
    .union([weights, zipfTypes], {
      error: hinted(
        "not types of job",
        "write shares, { email: 8, report: 1 }, or { zipf: 1.1, types: [email, report] }",
      ),
    })
    .optional()
    .describe(
      "Types of job and the share of each: { email: 8, report: 1 }, or { zipf: 1.1, types: [email, report] }",
    ),
  priorities: z
    .record(
      z.string().regex(/^-?\d{1,9}$/, {
        error: hinted("not a priority", "write a whole number: { 0: 9, 10: 1 }"),
      }),
      share,
    )
    .refine((kinds) => Object.keys(kinds).length <= maxKinds, `at most ${maxKinds} priorities`)
    .optional()
    .describe("Priorities, higher first, and the share of each: { 0: 9, 10: 1 }"),
  keys: z
    .int()
    .min(1)
    .max(maxKeys)
    .optional()
    .describe("Every job has one of so many keys; jobs of one key are done one at a time"),
  maxAttempts: z
    .int()
    .min(1)
    .max(maxAttempts)
    .optional()
    .describe("Attempts until a job is dead; absent: 5"),
  failing: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Share of attempts whose work fails, 0 to 1"),
};

const anyType = "any";

/** Beside `count` and `connections`. */
export const botKinds = {
  types: z
    .array(
      z.union([typeName, z.array(typeName).min(1).max(maxKinds)], {
        error: hinted(
          "not types of job",
          "write a type, a list of types, or any: [email, [email, report], any]",
        ),
      }),
    )
    .min(1)
    .max(maxKinds)
    .transform((groups) => groups.map(typesOfGroup))
    .optional()
    .describe("Types that bots take, dealt out in turn; any: all. Absent: every bot takes all"),
};

function typesOfGroup(group: string | readonly string[]): readonly string[] | null {
  if (typeof group === "string") return group === anyType ? null : [group];
  return group.includes(anyType) ? null : group;
}
