import { z } from "zod";
import { durationMs, positiveDurationMs } from "./duration.ts";

/** The keys of a scenario file that say how load comes: kinds of load, producer, warm-up, work and thinking times. */

/** Above this the harness itself, on any machine, is what would be measured. */
const mostPerSecond = 100_000;
const mostStages = 100;

const rate = z
  .number()
  .positive()
  .max(mostPerSecond)
  .describe("How many a second, all bots together");

const arrivals = z
  .enum(["constant", "poisson"])
  .default("constant")
  .describe("constant: evenly spaced; poisson: at random, as independent clients come");

const lateness = {
  lateAfter: positiveDurationMs
    .prefault("10ms")
    .describe("An arrival that no bot takes for so long is counted as late, and still sent"),
  skipAfter: positiveDurationMs
    .prefault("5s")
    .describe("An arrival that no bot takes for so long is counted as skipped, and not sent"),
};

const rounds = z
  .strictObject({
    kind: z.literal("rounds"),
    waves: z.int().min(1).max(1_000).default(1).describe("How often all bots are released"),
  })
  .describe("All bots wait at a barrier and claim at the same moment, wave after wave");

const drain = z
  .strictObject({ kind: z.literal("drain") })
  .describe("All jobs are there at the start; bots claim until none is left");

const duration = z
  .strictObject({
    kind: z.literal("duration"),
    for: positiveDurationMs.describe("How long bots claim: a fixed window"),
  })
  .describe("Closed loop: every bot claims again as soon as it is done, for a fixed time");

const arrivalRate = z
  .strictObject({
    kind: z.literal("arrival-rate"),
    rate,
    for: positiveDurationMs.describe("How long claims arrive"),
    arrivals,
    ...lateness,
  })
  .describe("Open loop: claims are due at their times, whether a bot is free or not");

const stage = z.strictObject({
  rate,
  for: positiveDurationMs.describe("How long the stage lasts"),
});

const ramp = z
  .strictObject({
    kind: z.literal("ramp"),
    stages: z.array(stage).min(2).max(mostStages).describe("One after the other"),
    arrivals,
    ...lateness,
  })
  .describe("Open loop in stages: finds the rate up to which a strategy keeps up");

export const load = z
  .discriminatedUnion("kind", [rounds, drain, duration, arrivalRate, ramp])
  .describe("How the jobs come");

export const enqueue = z
  .strictObject({
    rate,
    until: positiveDurationMs
      .optional()
      .describe("Time from the start of the load; absent: as long as the load lasts"),
  })
  .describe("Jobs that are added while the load runs, beside those that are there at its start");

export const calibrate = z
  .boolean()
  .default(false)
  .describe("The first subject plays twice in each repeat: what differs then is this machine");

export const warmUp = durationMs
  .prefault("0s")
  .describe("Bots claim for so long before anything is measured or broken");

/** Times that are drawn anew for each job; all of them in milliseconds once read. */
const distribution = z.discriminatedUnion("distribution", [
  z
    .strictObject({ distribution: z.literal("uniform"), min: durationMs, max: positiveDurationMs })
    .refine(({ min, max }) => min <= max, { error: "min is longer than max", path: ["max"] })
    .transform(({ min, max }) => ({ kind: "uniform" as const, minMs: min, maxMs: max })),
  z
    .strictObject({ distribution: z.literal("exponential"), mean: positiveDurationMs })
    .transform(({ mean }) => ({ kind: "exponential" as const, meanMs: mean })),
  z
    .strictObject({
      distribution: z.literal("lognormal"),
      median: positiveDurationMs,
      sigma: z
        .number()
        .positive()
        .max(5)
        .describe("Standard deviation of the logarithm: 0.5 moderate, 1 heavy"),
    })
    .transform(({ median, sigma }) => ({ kind: "lognormal" as const, medianMs: median, sigma })),
]);

const drawnTime = z.union([durationMs, distribution]);

export const work = drawnTime.prefault("0s").describe("How long a bot works on a job");
export const think = drawnTime
  .prefault("0s")
  .describe("How long a bot pauses after a job before it asks for the next");
