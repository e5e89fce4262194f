import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isSameMachine, originOf, readBaseline, writeBaseline } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import { writeTable } from "./marked-table.ts";
import { PhaseMeter } from "./phase-meter.ts";
import { playScenario } from "./play-scenario.ts";
import { byJobsThenBots, scaleTable } from "./scale-table.ts";
import type { ScaleBaseline, ScaleRow } from "./scale-table.ts";

/**
 * `npm run bench:scale [-- bots:jobs …] [--write]`: how time and memory grow with jobs and with bots. Each size is a whole
 * run, from enqueuing to the verdict, by a process of its own, so that its peak memory is its own. Fsync is off: what is
 * asked is what doubletake takes, not the disk.
 *
 * `--write` puts what was measured into reports/baselines/scale.json, beside the sizes that it holds of the same machine,
 * and its table into docs/performance.md.
 */
const usual = [
  "1000:1000",
  "10:10000",
  "100:10000",
  "1000:10000",
  "1000:100000",
  "1000:1000000",
] as const;
/** The server needs a process for each connection: more bots than this share them. */
const mostConnections = 50;

interface Measured {
  readonly origin: Baseline;
  readonly row: ScaleRow;
  /** What the run says of itself: why, where its verdict is not that it passed. */
  readonly headline: string;
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === "--measure") process.send?.(await measure(...sizeOf(rest[0] ?? "")));
else await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<void> {
  const isWriting = given.includes("--write");
  const sizes = given.filter((word) => word !== "--write");
  const rows: ScaleRow[] = [];
  let origin: Baseline | undefined;
  for (const size of sizes.length === 0 ? usual : sizes) {
    const measured = await inChild(size);
    ({ origin } = measured);
    rows.push(measured.row);
    process.stderr.write(`${size}: ${measured.headline}\n`);
  }
  if (origin === undefined) throw new Error("nothing was measured");
  const table = isWriting ? write({ ...origin, rows }) : scaleTable({ ...origin, rows });
  process.stdout.write(`${table}\n`);
}

function write(measured: ScaleBaseline): string {
  const known = readBaseline("scale") as ScaleBaseline | undefined;
  const kept = known !== undefined && isSameMachine(known, measured) ? known.rows : [];
  const others = kept.filter(
    ({ bots, jobs }) => !measured.rows.some((row) => row.bots === bots && row.jobs === jobs),
  );
  const baseline = { ...measured, rows: [...others, ...measured.rows].toSorted(byJobsThenBots) };
  const table = scaleTable(baseline);
  writeBaseline("scale", baseline);
  writeTable(join("docs", "performance.md"), "scale", table);
  return table;
}

function inChild(size: string): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), ["--measure", size]);
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Measured));
    child.once("exit", (code) => reject(new Error(`measuring ${size} ended with ${code}`)));
  });
}

function sizeOf(size: string): [bots: number, jobs: number] {
  const [bots = 0, jobs = 0] = size.split(":").map(Number);
  return [bots, jobs];
}

async function measure(bots: number, jobs: number): Promise<Measured> {
  const connections = Math.min(bots, mostConnections);
  const out = mkdtempSync(join(tmpdir(), "doubletake-scale-"));
  const meter = new PhaseMeter();
  try {
    const text = scenarioText({ bots, jobs, connections });
    const { run, result } = await playScenario(text, out, meter);
    const row = {
      bots,
      connections,
      jobs,
      events: run.recorder.table.length,
      changes: run.witness?.changes.length ?? 0,
      ...meter.read(jobs),
      verdict: result.verdict,
    };
    return { origin: originOf(result), row, headline: result.headline };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function scenarioText(size: {
  readonly bots: number;
  readonly jobs: number;
  readonly connections: number;
}): string {
  const { bots, jobs, connections } = size;
  const shared = bots <= connections ? "per-bot" : connections;
  return [
    "name: scale",
    "strategies: { subjects: [skip-locked] }",
    `jobs: { count: ${jobs} }`,
    `bots: { count: ${bots}, connections: ${shared} }`,
    "load: { kind: drain }",
    `environment: { toxiproxy: off, settings: { fsync: off, max_connections: ${connections + 50} } }`,
    "deadlines: { load: 3h, drain: 10m, statement: 30m }",
  ].join("\n");
}
