import type { ResultFormat } from "./format.ts";
import type { RunResult, StrategyResult } from "./result.ts";

/**
 * benchmark.txt: Go's benchmark format, a line a round, so that `benchstat -col /strategy benchmark.txt` compares the
 * strategies, and `benchstat old.txt new.txt` two runs. Format: golang.org/design/14313-benchmark-format.
 */
export const benchstat: ResultFormat = {
  kind: "result",
  name: "benchstat",
  isDefault: false,
  render: (result) => ({ "benchmark.txt": text(result) }),
};

function text(result: RunResult): string {
  const { environment, scenario } = result;
  const configuration = {
    pkg: `doubletake/${word(scenario.name)}`,
    cpu: `${environment.cpus} x ${environment.cpuModel}`,
    postgres: environment.postgres,
    toxiproxy: environment.toxiproxy,
    seed: String(result.seed),
    started: result.startedAt,
  };
  const head = Object.entries(configuration).map(([key, value]) => `${key}: ${line(value)}`);
  return `${[...head, "", ...result.strategies.flatMap(roundLines)].join("\n")}\n`;
}

function roundLines(strategy: StrategyResult): string[] {
  const { samples } = strategy.claimsPerSecond;
  return samples.map((claimsPerSecond, place) => {
    const values = [
      // A round in which the queue stood still has no time per claim.
      ...(claimsPerSecond > 0 ? [`${Math.round(1e9 / claimsPerSecond)} ns/op`] : []),
      `${claimsPerSecond} claims/s`,
    ];
    const name = `BenchmarkClaim/strategy=${word(strategy.name)}`;
    return [name, String(iterations(strategy, place)), ...values].join("\t");
  });
}

/** First grants of the round; 1, which claims nothing, where a round without a rate keeps the two lists from matching. */
function iterations(strategy: StrategyResult, place: number): number {
  if (strategy.timeline.length !== strategy.claimsPerSecond.samples.length) return 1;
  const claims = strategy.timeline[place]?.claims ?? [];
  return Math.max(
    1,
    claims.reduce((sum, each) => sum + each, 0),
  );
}

/** A part of a benchmark's name ends at a space and at a slash. */
function word(name: string): string {
  return name.replaceAll(/[\s/=\p{Cc}]+/gu, "_");
}

function line(value: string): string {
  return value.replaceAll(/[\s\p{Cc}]+/gu, " ");
}
