import type { Evidence } from "../../checks/check.ts";
import { latencySummary } from "../../stats/latency-summary.ts";
import { summarizeRounds } from "../../stats/rounds-summary.ts";
import type { LatencyResult, MeasuredResult, StrategyResult } from "../result.ts";
import { countClaims, noClaims } from "./claims.ts";
import type { ClaimCounts } from "./claims.ts";
import { conflictsByCode } from "./conflicts.ts";
import { costPerClaim } from "./cost.ts";
import { distributionOf } from "./distribution.ts";
import { measureFaults } from "./faults.ts";
import { worstDisagreement } from "./inconsistencies.ts";
import { measureArrivals, measureGrowth, measureWaits } from "./load-detail.ts";
import { measureMonitoring } from "./monitoring.ts";
import { measureQueueing } from "./queueing.ts";
import { measureRamp } from "./ramp.ts";
import { measureRound } from "./round.ts";
import type { RoundMeasurement } from "./round.ts";
import { merged } from "./samples.ts";
import { significant } from "./significant.ts";

/** All that the history says about a strategy in numbers. */
export interface StrategyMeasurement {
  readonly rounds: readonly RoundMeasurement[];
  readonly claims: ClaimCounts;
  readonly numbers: Pick<
    StrategyResult,
    | "rounds"
    | "inconsistencies"
    | "claimsPerSecond"
    | "attemptsPerClaim"
    | "latencyMs"
    | "distribution"
    | "costPerClaim"
    | "conflictsByCode"
    | "monitoring"
    | "waits"
    | "tableGrowth"
    | "arrivals"
    | "ramp"
    | "queueing"
    | "timeline"
    | "faults"
  >;
}

export function measureStrategy(evidence: Evidence): StrategyMeasurement {
  const rounds = evidence.rounds.flatMap((round) => measureRound(round, evidence.plan) ?? []);
  const claims = noClaims();
  for (const round of evidence.rounds) countClaims(round, claims);
  const loads = rounds.flatMap((round) => round.load ?? []);
  const toClaim = merged(rounds.map((round) => round.toClaim)).toSorted();
  const pickUp = merged(rounds.map((round) => round.pickUp));
  return {
    rounds,
    claims,
    numbers: {
      rounds: evidence.rounds.length,
      inconsistencies: worstDisagreement(evidence.rounds),
      claimsPerSecond: overRounds(rounds),
      attemptsPerClaim: attemptsPerClaim(rounds),
      latencyMs: {
        service: latency(merged(rounds.map((round) => round.service))),
        response: latency(merged(rounds.map((round) => round.response))),
        toClaim: latency(toClaim),
        ...(pickUp.length === 0 ? {} : { pickUp: latency(pickUp) }),
      },
      distribution: distributionOf(toClaim),
      costPerClaim: {
        statements: significant(costPerClaim(rounds, "statements")),
        roundTrips: significant(costPerClaim(rounds, "roundTrips")),
        walBytes: significant(costPerClaim(rounds, "walBytes")),
        buffers: significant(costPerClaim(rounds, "buffers")),
      },
      conflictsByCode: conflictsByCode(evidence.rounds),
      monitoring: measureMonitoring(evidence.rounds),
      waits: measureWaits(loads),
      tableGrowth: measureGrowth(loads),
      arrivals: measureArrivals(loads),
      ramp: measureRamp(evidence.rounds, evidence.plan),
      queueing: measureQueueing(evidence, claims),
      timeline: rounds.map((round) => round.timeline),
      faults: measureFaults(evidence),
    },
  };
}

function overRounds(rounds: readonly RoundMeasurement[]): MeasuredResult {
  const samples = rounds.flatMap((round) => round.claimsPerSecond ?? []);
  const { median, low, high } = summarizeRounds(samples);
  return {
    median: significant(median),
    low: significant(low),
    high: significant(high),
    samples: samples.map((sample) => significant(sample)),
  };
}

/** How often a bot had to ask for what it was granted; searches that ended with the load say nothing. */
function attemptsPerClaim(rounds: readonly RoundMeasurement[]): number | null {
  const grants = rounds.reduce((sum, round) => sum + round.toClaim.length, 0);
  const attempts = rounds.reduce((sum, round) => sum + round.attempts, 0);
  return grants > 0 ? significant(attempts / grants) : null;
}

function latency(samples: Float64Array): LatencyResult {
  const { count, ...times } = latencySummary(samples);
  return {
    p50: significant(times.p50),
    p90: significant(times.p90),
    p95: significant(times.p95),
    p99: significant(times.p99),
    p999: significant(times.p999),
    max: significant(times.max),
    mean: significant(times.mean),
    count,
  };
}
