import { percentiles } from "../percentile.ts";
import type { LatencyResult, RunResult, StrategyResult } from "../result.ts";
import { states } from "./family.ts";
import type { Family, Sample } from "./family.ts";

const verdicts = ["passed", "violated", "inconclusive"] as const;
type Labels = Readonly<Record<string, string>>;

/** What was measured of each strategy; every sample is labelled by it. */
export function strategyFamilies({ strategies }: RunResult): readonly Family[] {
  const each = (samples: (strategy: StrategyResult, labels: Labels) => readonly Sample[]) =>
    strategies.flatMap((strategy) =>
      samples(strategy, { strategy: strategy.name, role: strategy.role }),
    );
  return [
    ...verdictFamilies(each),
    ...claimFamilies(each),
    ...monitoringFamilies(each),
    ...costFamilies(each),
    {
      name: "doubletake_latency_seconds",
      type: "summary",
      unit: "seconds",
      help: "Latencies: until a claim was granted, of one attempt, and from its intended start.",
      samples: each(latencySamples),
    },
    ...faultFamilies(each),
  ];
}

type Each = (
  samples: (strategy: StrategyResult, labels: Labels) => readonly Sample[],
) => readonly Sample[];

function verdictFamilies(each: Each): readonly Family[] {
  const verdict = "doubletake_strategy_verdict";
  const check = "doubletake_check";
  return [
    {
      name: verdict,
      type: "stateset",
      help: "The verdict of a strategy; a control is meant to be violated.",
      samples: each((strategy, labels) =>
        states(verdict, labels, { all: verdicts, current: strategy.verdict }),
      ),
    },
    {
      name: check,
      type: "stateset",
      help: "The verdict of each check.",
      samples: each(({ checks }, labels) =>
        checks.flatMap(({ name, verdict: current }) =>
          states(check, { ...labels, check: name }, { all: verdicts, current }),
        ),
      ),
    },
    {
      name: "doubletake_violations",
      type: "counter",
      help: "How often the property of a check was broken.",
      samples: each(({ checks }, labels) =>
        checks.map(({ name, count }) => ({
          suffix: "_total",
          labels: { ...labels, check: name },
          value: count,
        })),
      ),
    },
  ];
}

function claimFamilies(each: Each): readonly Family[] {
  return [
    {
      name: "doubletake_claims",
      type: "counter",
      help: "Claims by what became of them; duplicates are granted as well.",
      samples: each(({ claims }, labels) =>
        Object.entries(claims).flatMap(([outcome, value]) => {
          const named = { ...labels, outcome };
          return value === null ? [] : [{ suffix: "_total", labels: named, value }];
        }),
      ),
    },
    {
      name: "doubletake_claims_per_second",
      type: "gauge",
      help: "First grants a second: the median of the rounds and its 95 % interval.",
      samples: each(({ claimsPerSecond }, labels) =>
        (["median", "low", "high"] as const).flatMap((estimate) =>
          known(claimsPerSecond[estimate], { ...labels, estimate }),
        ),
      ),
    },
    {
      name: "doubletake_inconsistencies",
      type: "gauge",
      help: "Rows where jobs and bots disagreed, in the worst snapshot.",
      samples: each(({ inconsistencies }, labels) => known(inconsistencies, labels)),
    },
    {
      name: "doubletake_attempts_per_claim",
      type: "gauge",
      help: "How often a bot asked until it was granted a job.",
      samples: each(({ attemptsPerClaim }, labels) => known(attemptsPerClaim, labels)),
    },
  ];
}

/** What somebody who runs the service would watch. */
function monitoringFamilies(each: Each): readonly Family[] {
  return [
    {
      name: "doubletake_constraint_violations",
      type: "counter",
      help: "Statements of bots that a constraint refused.",
      samples: each(({ monitoring }, labels) =>
        monitoring === undefined
          ? []
          : [{ suffix: "_total", labels, value: monitoring.constraintViolations }],
      ),
    },
    {
      name: "doubletake_stuck_pending_jobs",
      type: "gauge",
      help: "Jobs still pending after the drain.",
      samples: each(({ monitoring }, labels) => known(monitoring?.stuckPending ?? null, labels)),
    },
  ];
}

function costFamilies(each: Each): readonly Family[] {
  const costs = [
    { name: "statements", help: "Statements that the bots sent, by first grants." },
    { name: "roundTrips", help: "Round trips of the bots, by first grants." },
    { name: "walBytes", help: "Bytes of write-ahead log, by first grants." },
    { name: "buffers", help: "Shared buffers of the bots' statements, by first grants." },
  ] as const;
  return costs.map(({ name, help }) => ({
    name: `doubletake_${snakeCase(name)}_per_claim`,
    type: "gauge" as const,
    help,
    samples: each(({ costPerClaim }, labels) => known(costPerClaim[name] ?? null, labels)),
  }));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function latencySamples({ latencyMs }: StrategyResult, labels: Labels): readonly Sample[] {
  return (["toClaim", "service", "response", "pickUp"] as const).flatMap((latency) => {
    const summary = latencyMs[latency];
    if (summary === undefined) return [];
    return summarySamples(summary, { ...labels, latency: snakeCase(latency) });
  });
}

function summarySamples(latency: LatencyResult, labels: Labels): readonly Sample[] {
  const quantiles = percentiles.flatMap(({ name, quantile }) => {
    const ms = latency[name];
    return known(ms === null ? null : ms / 1000, { ...labels, quantile: String(quantile) });
  });
  const { count, mean } = latency;
  return [
    ...quantiles,
    { suffix: "_count", labels, value: count },
    ...(mean === null ? [] : [{ suffix: "_sum", labels, value: (mean * count) / 1000 }]),
  ];
}

function faultFamilies(each: Each): readonly Family[] {
  return (["injected", "hit"] as const).map((event) => ({
    name: `doubletake_faults_${event}`,
    type: "counter",
    help:
      event === "hit"
        ? "How often a fault is known to have hurt something."
        : "How often it was injected.",
    samples: each(({ faults }, labels) =>
      faults.map((fault) => ({
        suffix: "_total",
        labels: { ...labels, fault: fault.fault, kind: fault.kind },
        value: fault[event],
      })),
    ),
  }));
}

function known(value: number | null, labels: Labels): readonly Sample[] {
  return value === null || !Number.isFinite(value) ? [] : [{ labels, value }];
}
