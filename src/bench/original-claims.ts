import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RunResult } from "../report/result.ts";
import { isSameMachine, originOf, readBaseline, writeBaseline } from "./baseline.ts";
import { claimsTable, shortClaimsTable } from "./claims-table.ts";
import type { ClaimsBaseline, ClaimsRow } from "./claims-table.ts";
import { writeTable } from "./marked-table.ts";
import { playScenario } from "./play-scenario.ts";

/**
 * `npm run bench:claims [-- --rounds 6 --jobs 300 bots:latency …]`: what the original claimed of its fix, measured: half
 * the latency, twice the throughput, a claim in less than 100 ms; with and without 5 ms of network latency, with 20, 50
 * and 100 bots. Writes reports/baselines/original-claims.json, and its tables into docs/performance.md and README.md.
 *
 * Settings that are named (`20:0 20:5`) take the place of theirs in the baseline, beside those that were measured on the
 * same machine in the same way: so that all of it can be measured piece by piece.
 */
const allSettings = ["20:0", "50:0", "100:0", "20:5", "50:5", "100:5"] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "6" },
    jobs: { type: "string", default: "300" },
  },
});
const size = { rounds: Number(values.rounds), jobs: Number(values.jobs) };
write(await measureAll(positionals.length === 0 ? allSettings : positionals));

async function measureAll(settings: readonly string[]): Promise<ClaimsBaseline> {
  const out = mkdtempSync(join(tmpdir(), "doubletake-claims-"));
  const measured: { readonly row: ClaimsRow; readonly result: RunResult }[] = [];
  try {
    for (const setting of settings) {
      const [bots = 0, latencyMs = 0] = setting.split(":").map(Number);
      const { result } = await playScenario(scenarioText(bots, latencyMs), out);
      measured.push({ row: rowOf(bots, latencyMs, result), result });
      process.stderr.write(`${bots} bots, ${latencyMs} ms: ${result.headline}\n`);
    }
  } finally {
    rmSync(out, { recursive: true });
  }
  const last = measured.at(-1);
  if (last === undefined) throw new Error("nothing was measured");
  return { ...originOf(last.result), ...size, rows: measured.map(({ row }) => row) };
}

function scenarioText(bots: number, latencyMs: number): string {
  const toxic = `{ fault: toxic, link: postgres, type: latency, attributes: { latency: ${latencyMs} }, from: 0s }`;
  return [
    "name: original-claims",
    "strategies: { subjects: [skip-locked], controls: [naive] }",
    `jobs: { count: ${size.jobs} }`,
    `bots: { count: ${bots} }`,
    "load: { kind: drain }",
    `repeat: ${size.rounds}`,
    ...(latencyMs === 0 ? [] : [`faults: [${toxic}]`]),
    "environment: { settings: { max_connections: 150 } }",
    "deadlines: { load: 5m, drain: 5m }",
  ].join("\n");
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

function write(measured: ClaimsBaseline): void {
  const baseline = {
    ...measured,
    rows: [...measured.rows, ...otherRows(measured)].toSorted(order),
  };
  writeBaseline("original-claims", baseline);
  writeTable(join("docs", "performance.md"), "original-claims", claimsTable(baseline));
  writeTable("README.md", "original-claims", shortClaimsTable(baseline));
}

/** What the baseline holds of other settings, measured in the same way. */
function otherRows(measured: ClaimsBaseline): readonly ClaimsRow[] {
  const known = readBaseline("original-claims") as ClaimsBaseline | undefined;
  if (known === undefined || !isSameMachine(known, measured)) return [];
  if (known.rounds !== size.rounds || known.jobs !== size.jobs) return [];
  return known.rows.filter((row) => !measured.rows.some((other) => order(row, other) === 0));
}

function order(one: ClaimsRow, other: ClaimsRow): number {
  return one.networkLatencyMs - other.networkLatencyMs || one.bots - other.bots;
}
