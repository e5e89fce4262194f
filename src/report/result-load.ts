import { z } from "zod";

/** The parts of result.json about load and measurement. Absent in results of versions that did not measure them. */

/** "Where the time went": what the bots' backends waited for, sampled from a side connection. */
export const waits = z.object({
  samples: z.int(),
  /** `Lock:transactionid`, `Client:ClientRead`, or `CPU` where a backend waited for nothing; shares sum to 1, largest first. */
  states: z.array(z.object({ event: z.string(), share: z.number() })),
});

/** The jobs table as it grew, at moments of the load; rounds one after the other, each from its own zero. */
export const tableGrowth = z.array(
  z.object({
    atMs: z.number(),
    deadTuples: z.number(),
    tableBytes: z.number(),
    indexBytes: z.number(),
  }),
);

/** Arrivals of a scheduled load: all that were due, those sent late, and those that no bot was free for in time. */
export const arrivals = z.object({ scheduled: z.int(), late: z.int(), skipped: z.int() });

/** A load that rises in stages, and the last stage that the strategy still kept up with. */
export const ramp = z.object({
  stages: z.array(
    z.object({
      offeredPerSecond: z.number(),
      claimsPerSecond: z.number(),
      responseMsP50: z.number().nullable(),
      responseMsP99: z.number().nullable(),
      keptUp: z.boolean(),
    }),
  ),
  /** Arrivals a second of that stage; null where the strategy did not keep up with any. */
  kneePerSecond: z.number().nullable(),
});

/** The load generator itself: what it cost, and whether it was what limited the numbers. */
export const generator = z.object({
  eventLoopDelayMsP99: z.number(),
  /** CPU seconds a second of load, of the process that drives the bots: 1 is a whole core. */
  cpuShare: z.number(),
  /** Its event loop was busy nine tenths of a round or more: rates may be its own. */
  isBottleneck: z.boolean(),
  /**
   * Rounds in which the loop was late, at its 99th percentile, by more than a tenth of the median service time: tails may
   * be its own. Absent in results of versions that did not tell.
   */
  blurred: z.object({ rounds: z.int(), of: z.int() }).optional(),
});

/** The same strategy against itself (A/A): what this machine can tell apart in as many rounds. */
export const calibration = z.object({
  strategy: z.string(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      ratio: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      pairs: z.int(),
      /** The least difference that so many rounds resolve: 0.03 is 3 %. */
      resolution: z.number().nullable(),
    }),
  ),
});

/** A run of as many rounds as its comparisons of claims/s took; null where the number was fixed. */
export const sequential = z.object({
  least: z.int(),
  most: z.int(),
  /** Of the intervals, at every look and in `comparisons`. */
  confidence: z.number(),
  looks: z.array(
    z.object({ repeats: z.int(), comparisons: z.int(), decided: z.int(), stops: z.boolean() }),
  ),
  /** Why it ended: all was decided before the last repeat; they were all run; or somebody stopped it. */
  end: z.enum(["decided", "most", "interrupted"]),
  summary: z.string(),
});

/** A round in which the machine itself changed its speed: recorded, judged for correctness, left out of comparisons. */
export const discardedRound = z.object({
  round: z.int(),
  strategy: z.string(),
  canary: z.string(),
  /** How far its canary lay from the median of the run, in median absolute deviations. */
  deviations: z.number(),
});

/** `better`, `same` and `worse` only where the whole interval lies beyond, or inside, the margin. */
export const decision = z.enum(["better", "same", "worse", "inconclusive"]);
