import type { ResultFile } from "../../src/report/read-all.ts";
import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { sampleResult } from "../report/golden.ts";

export interface RunSpec {
  readonly startedAt?: string;
  /** `skip-locked`, the subject. */
  readonly subject?: Partial<StrategyResult>;
  readonly control?: Partial<StrategyResult>;
  readonly run?: Partial<RunResult>;
  /** One number a round, of the subject. */
  readonly metrics?: Readonly<Record<string, readonly number[]>>;
}

/** The sample of a run that passed, with the numbers and verdicts that a test is about, and no faults. */
export function runOf(spec: RunSpec = {}): ResultFile {
  const sample = sampleResult("passed");
  const strategies = sample.strategies.map((strategy): StrategyResult => {
    const changes = strategy.role === "subject" ? spec.subject : spec.control;
    const perRound =
      strategy.role === "subject" && spec.metrics ? perRoundOf(spec.metrics) : strategy.perRound;
    return { ...strategy, faults: [], perRound, ...changes };
  });
  const startedAt = spec.startedAt ?? sample.startedAt;
  return { path: "run", result: { ...sample, strategies, startedAt, ...spec.run } };
}

function perRoundOf(
  metrics: Readonly<Record<string, readonly number[]>>,
): NonNullable<StrategyResult["perRound"]> {
  const rounds = Math.max(...Object.values(metrics).map((numbers) => numbers.length));
  return Array.from({ length: rounds }, (_, round) => ({
    round,
    repeat: round,
    metrics: Object.fromEntries(
      Object.entries(metrics).flatMap(([name, numbers]) =>
        numbers[round] === undefined ? [] : [[name, numbers[round]]],
      ),
    ),
  }));
}

/** Starts a minute apart: `at(0)`, `at(1)` … */
export function at(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
}
