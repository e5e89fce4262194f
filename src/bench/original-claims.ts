import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import { faults } from "../chaos/faults.ts";
import { collectEvidence } from "../checks/evidence.ts";
import { judgeStrategy } from "../checks/judge.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { RunResult } from "../report/result.ts";
import { summarize } from "../report/summarize.ts";
import { runScenario } from "../run/run-scenario.ts";
import { readScenario } from "../scenario/read-scenario.ts";
import { claimsTable, replaceTable } from "./claims-table.ts";
import type { ClaimsBaseline, ClaimsRow } from "./claims-table.ts";

/**
 * `npm run bench:claims [-- rounds [jobs]]`: what the original claimed of its fix, measured: half the latency, twice the
 * throughput, a claim in less than 100 ms; with and without 5 ms of network latency, with 20, 50 and 100 bots. Writes
 * reports/baselines/original-claims.json, and its table into docs/performance.md.
 */
const allBots = [20, 50, 100];
const latenciesMs = [0, 5];
const seed = 1;

const [rounds = "6", jobs = "300"] = process.argv.slice(2);
await main(Number(rounds), Number(jobs));

async function main(repeat: number, count: number): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), "doubletake-claims-"));
  try {
    const results: {
      readonly bots: number;
      readonly latencyMs: number;
      readonly result: RunResult;
    }[] = [];
    for (const latencyMs of latenciesMs) {
      for (const bots of allBots) {
        const result = await measure(scenarioText({ bots, latencyMs, repeat, count }), out);
        results.push({ bots, latencyMs, result });
        process.stderr.write(`${bots} bots, ${latencyMs} ms: ${result.headline}\n`);
      }
    }
    write(baselineOf(results, { rounds: repeat, jobs: count }));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function scenarioText(options: {
  readonly bots: number;
  readonly latencyMs: number;
  readonly repeat: number;
  readonly count: number;
}): string {
  const { bots, latencyMs, repeat, count } = options;
  const toxic = `{ fault: toxic, link: postgres, type: latency, attributes: { latency: ${latencyMs} }, from: 0s }`;
  return [
    "name: original-claims",
    "strategies: { subjects: [skip-locked], controls: [naive] }",
    `jobs: { count: ${count} }`,
    `bots: { count: ${bots} }`,
    "load: { kind: drain }",
    `repeat: ${repeat}`,
    ...(latencyMs === 0 ? [] : [`faults: [${toxic}]`]),
    "environment: { settings: { max_connections: 150 } }",
    "deadlines: { load: 5m, drain: 5m }",
  ].join("\n");
}

async function measure(text: string, out: string): Promise<RunResult> {
  const plan = makePlan(readScenario({ file: "original-claims.yaml", text }, faults), seed);
  const { signal } = new AbortController();
  const watcher = { environmentStarted() {}, roundStarted() {}, phaseStarted() {} };
  const run = await runScenario({ plan, out, replay: "", signal, watcher });
  const { header, recorder, witness, durationMs, interrupted, warnings } = run;
  const strategies = collectEvidence(header, recorder.table, witness).map((evidence) => ({
    evidence,
    judgement: judgeStrategy(evidence),
  }));
  return summarize({ header, strategies, durationMs, interrupted, warnings, replay: "" });
}

function baselineOf(
  results: readonly {
    readonly bots: number;
    readonly latencyMs: number;
    readonly result: RunResult;
  }[],
  size: { readonly rounds: number; readonly jobs: number },
): ClaimsBaseline {
  const [first] = results;
  if (first === undefined) throw new Error("nothing was measured");
  const { postgres, node, platform, cpus, cpuModel, settings } = first.result.environment;
  return {
    doubletake: first.result.doubletake,
    measuredAt: first.result.startedAt,
    machine: { postgres, node, platform, cpus, cpuModel, settings },
    ...size,
    rows: results.map(({ bots, latencyMs, result }) => rowOf(bots, latencyMs, result)),
  };
}

function rowOf(bots: number, networkLatencyMs: number, result: RunResult): ClaimsRow {
  const ratio = (metric: string): ClaimsRow["throughput"] => {
    const found = result.comparisons.find((comparison) => comparison.metric === metric);
    return { ratio: found?.ratio ?? null, low: found?.low ?? null, high: found?.high ?? null };
  };
  const fixed = result.strategies.find(({ name }) => name === "skip-locked");
  const naive = result.strategies.find(({ name }) => name === "naive");
  return {
    bots,
    networkLatencyMs,
    throughput: ratio("claimsPerSecond"),
    latency: ratio("latencyMs.toClaim.p50"),
    claimMsP99: fixed?.latencyMs.toClaim.p99 ?? null,
    duplicates: { fixed: fixed?.claims.duplicates ?? 0, naive: naive?.claims.duplicates ?? 0 },
  };
}

function write(baseline: ClaimsBaseline): void {
  const folder = join(packageRoot, "reports", "baselines");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "original-claims.json"), `${JSON.stringify(baseline, null, 2)}\n`);
  const page = join(packageRoot, "docs", "performance.md");
  writeFileSync(page, replaceTable(readFileSync(page, "utf8"), claimsTable(baseline)));
}
