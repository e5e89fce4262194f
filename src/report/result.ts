import { z } from "zod";
import { scheduleCoverage } from "./schedule-coverage.ts";
import { claimSql, jobStories } from "./result-evidence.ts";
import {
  arrivals,
  calibration,
  decision,
  discardedRound,
  generator,
  ramp,
  sequential,
  tableGrowth,
  waits,
} from "./result-load.ts";

/**
 * `result.json`, version 1: everything a report shows is in it. Stable: fields are added, never renamed.
 * Latencies are milliseconds, rates are per second, times in a timeline are milliseconds from the start of a round's
 * load. `null` stands for a number that could not be had, or that too few samples support.
 */
const verdict = z.enum(["passed", "violated", "inconclusive"]);

const historyEvent = z.looseObject({
  i: z.int(),
  t: z.number(),
  op: z.string(),
  type: z.string(),
});

const witnessChange = z.looseObject({
  n: z.int(),
  at: z.number().nullable(),
  of: z.string(),
});

const violation = z.object({
  summary: z.string(),
  round: z.int(),
  job: z.number().optional(),
  bots: z.array(z.int()).optional(),
  attempts: z.array(z.int()).optional(),
  /** The smallest set that shows it. */
  events: z.array(historyEvent),
  /** The other ends of the same operations: what was asked where `events` has the answer, and the reverse. */
  around: z.array(historyEvent).optional(),
  /** What the database itself recorded of it, in commit order, where that tells more than the events. */
  changes: z.array(witnessChange).optional(),
  /** What the database recorded of the case's job meanwhile, whether or not the check needed it. */
  commits: z.array(witnessChange).optional(),
});

const check = z.object({
  name: z.string(),
  property: z.string(),
  verdict,
  count: z.int(),
  evidence: z.array(violation),
  note: z.string().optional(),
});

/** Median of the rounds and its 95 % interval; `samples` has one number a round, in the order they were run. */
const measured = z.object({
  median: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  samples: z.array(z.number()),
});

/** A percentile is null below the number of samples that supports it. */
const latency = z.object({
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  p999: z.number().nullable(),
  max: z.number().nullable(),
  mean: z.number().nullable(),
  count: z.int(),
});

const claims = z.object({
  granted: z.int(),
  empty: z.int(),
  /** Empty answers while claimable work was certainly there; null where nothing recorded it. */
  falseEmpty: z.int().nullable(),
  /** Attempts lost to 40001, 40P01, 55P03 or to another bot. */
  conflicts: z.int(),
  failed: z.int(),
  unknown: z.int(),
  /** Grants of a job that was granted already: what `single-grant` counts. */
  duplicates: z.int(),
});

/** Columns over time buckets of one round; one array element a bucket. */
const timeline = z.object({
  round: z.int(),
  bucketMs: z.number(),
  durationMs: z.number(),
  claims: z.array(z.int()),
  p50: z.array(z.number().nullable()),
  p99: z.array(z.number().nullable()),
  /** The slowest claim of the bucket: what there is to see where a bucket has too few claims for its p99. */
  max: z.array(z.number().nullable()),
  failed: z.array(z.int()),
});

/** Latency of a granted claim at increasing quantiles: `[quantile, ms]`, ascending, the last one is the maximum. */
const distribution = z.array(z.tuple([z.number(), z.number()]));

/** When claims were as fast again as before anything was broken, for one injection. */
const recovery = z.discriminatedUnion("kind", [
  /** After the heal (of a moment: after it was over), and after the injection. */
  z.object({ kind: z.literal("recovered"), afterHealMs: z.number(), afterInjectMs: z.number() }),
  /** They were not, as long as they could be watched: until the next fault, or the end of the load or of its jobs. */
  z.object({
    kind: z.literal("not recovered"),
    watchedMs: z.number(),
    until: z.enum(["next fault", "end"]),
  }),
  /** Too few claims to tell. No data is no zero. */
  z.object({ kind: z.literal("unknown"), why: z.string() }),
]);

const faultSpan = z.object({
  round: z.int(),
  fromMs: z.number(),
  /** Equal to `fromMs` for a fault that is a moment. */
  toMs: z.number(),
  /** Absent where it hurt nothing, and in results of versions that did not measure it. */
  recovery: recovery.optional(),
});

const fault = z.object({
  /** As in the plan: "kill-connection-2". */
  fault: z.string(),
  kind: z.string(),
  /** `every 250ms, when mid-transaction`. */
  summary: z.string(),
  injected: z.int(),
  hit: z.int(),
  spans: z.array(faultSpan),
});

/** What has no verdict: the order of the queue, and how work and its waste are shared out. */
const queueing = z.object({
  /** Older jobs that were granted after a younger one, per first grant in the load. */
  fifoInversion: z.object({ mean: z.number().nullable(), max: z.int().nullable() }),
  /** Jain's index of grants per bot in the load, mean of the rounds: 1 all alike, 1/n one bot has everything. */
  fairness: z.number().nullable(),
  conflictsPerClaim: z.number().nullable(),
  /** Work amplification: starts per completed job. */
  startsPerJob: z.number().nullable(),
});

/** One round in numbers, by the names that comparisons use; what a round could not tell is left out. */
const roundResult = z.object({
  round: z.int(),
  /** Rounds of one repeat were run side by side, and are compared with each other. */
  repeat: z.int(),
  metrics: z.record(z.string(), z.number()),
});

const strategy = z.object({
  name: z.string(),
  summary: z.string(),
  role: z.enum(["subject", "control"]),
  constraints: z.boolean(),
  /** A control that was caught is `violated`: that is what it is there for. */
  verdict,
  checks: z.array(check),
  notJudged: z.array(z.object({ name: z.string(), reason: z.string() })),
  rounds: z.int(),
  claims,
  /** Rows where jobs and bots disagreed, at the worst moment that was sampled. */
  inconsistencies: z.int(),
  claimsPerSecond: measured,
  attemptsPerClaim: z.number().nullable(),
  latencyMs: z.object({
    service: latency,
    response: latency,
    toClaim: latency,
    /** Of jobs that were added in the load, from then to their first grant; absent where none were. */
    pickUp: latency.optional(),
  }),
  distribution,
  costPerClaim: z.object({
    statements: z.number().nullable(),
    roundTrips: z.number().nullable(),
    walBytes: z.number().nullable(),
    /** Shared buffers hit, read or dirtied by the bots' statements. */
    buffers: z.number().nullable().optional(),
  }),
  /** Conflicts by SQLSTATE, or LOST-RACE. */
  /** What somebody who runs the service would watch; absent in results of versions that did not count it. */
  monitoring: z
    .object({
      /** Statements of bots that a constraint refused: SQLSTATE 23…. */
      constraintViolations: z.int(),
      /** Jobs still pending after the drain; null where nobody could look. */
      stuckPending: z.int().nullable(),
    })
    .optional(),
  conflictsByCode: z.record(z.string(), z.int()).optional(),
  waits: waits.nullable().optional(),
  tableGrowth: tableGrowth.nullable().optional(),
  arrivals: arrivals.nullable().optional(),
  ramp: ramp.nullable().optional(),
  /** Absent in results of versions that did not measure it. */
  queueing: queueing.optional(),
  /** In the order they were run. Absent in results of versions that did not keep them. */
  perRound: z.array(roundResult).optional(),
  timeline: z.array(timeline),
  faults: z.array(fault),
  claimSql: claimSql.optional(),
  jobs: jobStories.optional(),
  /** Absent where nobody looked: without `run --coverage`. */
  coverage: scheduleCoverage.optional(),
});

const comparison = z.object({
  /** `claimsPerSecond`, `latencyMs.toClaim.p50`. */
  metric: z.string(),
  subject: z.string(),
  control: z.string(),
  /** subject / control: geometric mean of the ratios of paired rounds, with its t interval on the logs, of 95 % or `confidence`. */
  ratio: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The interval excludes 1. */
  significant: z.boolean(),
  pairs: z.int(),
  /** Of the subject against the control, at the margin below which a difference does not matter: 0.05 is 5 %. */
  decision: decision.optional(),
  margin: z.number().optional(),
  /** Of the interval, where it is not 95 %: several looks share the error of one. */
  confidence: z.number().optional(),
});

const expectation = z.object({
  text: z.string(),
  verdict,
  actual: z.string(),
  line: z.int().optional(),
});

export const runResultSchema = z.object({
  schema: z.literal(1),
  doubletake: z.string(),
  scenario: z.object({ name: z.string(), file: z.string(), description: z.string() }),
  seed: z.int(),
  verdict,
  /** The verdict in one sentence. */
  headline: z.string(),
  exitCode: z.int(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** The command that does it again. */
  replay: z.string(),
  /** The run was stopped before its end: by Ctrl-C, a signal or an error. */
  interrupted: z.boolean(),
  environment: z.object({
    postgres: z.string(),
    toxiproxy: z.string(),
    node: z.string(),
    platform: z.string(),
    cpus: z.int(),
    cpuModel: z.string(),
    versions: z.record(z.string(), z.string()),
    /** Server settings that matter to durability and speed, and all that the scenario changed. */
    settings: z.record(z.string(), z.string()),
  }),
  load: z.object({
    summary: z.string(),
    bots: z.int(),
    jobs: z.int(),
    repeat: z.int(),
  }),
  warnings: z.array(z.string()),
  strategies: z.array(strategy),
  comparisons: z.array(comparison),
  generator: generator.nullable().optional(),
  calibration: calibration.nullable().optional(),
  sequential: sequential.nullable().optional(),
  discardedRounds: z.array(discardedRound).optional(),
  expectations: z.array(expectation),
});

export type RunResult = z.infer<typeof runResultSchema>;
export type StrategyResult = RunResult["strategies"][number];
export type CheckResult = StrategyResult["checks"][number];
export type FaultResult = StrategyResult["faults"][number];
export type RecoveryResult = NonNullable<FaultResult["spans"][number]["recovery"]>;
export type LatencyResult = StrategyResult["latencyMs"]["service"];
export type ComparisonResult = RunResult["comparisons"][number];
export type Violation = CheckResult["evidence"][number];
export type TimelineResult = StrategyResult["timeline"][number];
export type ClaimSql = NonNullable<StrategyResult["claimSql"]>;
export type JobStories = NonNullable<StrategyResult["jobs"]>;
export type JobStory = JobStories["kept"][number];
export type QueueingResult = NonNullable<StrategyResult["queueing"]>;
export type MonitoringResult = NonNullable<StrategyResult["monitoring"]>;
export type MeasuredResult = StrategyResult["claimsPerSecond"];
export type ExpectationResult = RunResult["expectations"][number];
