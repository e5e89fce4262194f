import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { startClock } from "../base/clock.ts";
import { HarnessError } from "../base/harness-error.ts";
import { seededRandom } from "../base/random.ts";
import { Span } from "../base/span.ts";
import { Bot } from "../bots/bot.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import { EventTable } from "../history/event-table.ts";
import { foreignHeader } from "../history/foreign-header.ts";
import { createRecorder } from "../history/recorder.ts";
import type { Recorder } from "../history/recorder.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { Lifecycle } from "../service/lifecycle.ts";
import type { Strategy } from "../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../service/tables.ts";
import type { ComparisonResult } from "../report/result.ts";
import { equivalenceDecision } from "../stats/equivalence.ts";
import { pairedLogRatio } from "../stats/paired-log-ratio.ts";
import type { ReferenceTarget } from "../targets/reference/reference-target.ts";
import { runPgbench } from "./pgbench.ts";
import { leaseMs, referenceTarget } from "./reference-bench.ts";

export interface VersusOptions {
  /** Where pgbench is; absent: doubletake is compared with itself. */
  readonly program: string | undefined;
  readonly server: PostgresServer;
  readonly strategy: Strategy;
  readonly rounds: number;
  readonly bots: number;
  readonly claimsPerBot: number;
  readonly onRound: (round: number) => void;
}

export interface VersusResult {
  /** doubletake first; a rate for each round. */
  readonly sides: readonly [Side, Side];
  /** What a claim costs doubletake's own process, in each round: unlike a rate, much the same on a busy machine. */
  readonly cpuMicrosPerClaim: readonly number[];
}

export interface Side {
  readonly name: string;
  readonly claimsPerSecond: number[];
}

const roundMs = 300_000;
/** The margin within which two ways to drive claims count as equally fast. */
const margin = 0.05;

/**
 * How fast doubletake drives a claim, its history written to a file, against pgbench with the same statement, the same
 * number of connections and the same work on the same server; or against itself, which shows what this machine can
 * resolve. Rounds alternate A B B A; the first pair of a server, in which files grow and caches are cold, is not counted.
 */
export async function versus(options: VersusOptions): Promise<VersusResult> {
  const { server, program } = options;
  if (program !== undefined) rejectManySteps(options.strategy);
  const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
  await using control = new ControlDatabase(server.address, server.schema);
  const bench: Bench = { ...options, folder, control };
  const sides: [Side, Side] = [
    { name: "doubletake", claimsPerSecond: [] },
    { name: program === undefined ? "itself" : "pgbench", claimsPerSecond: [] },
  ];
  const cpuMicrosPerClaim: number[] = [];
  try {
    for (let round = 0; round <= options.rounds; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        await prepareRound(bench);
        const measured = await measure(side, bench);
        if (round === 0) continue;
        side.claimsPerSecond.push(measured.rate);
        if (measured.cpuMicros !== undefined) cpuMicrosPerClaim.push(measured.cpuMicros);
      }
      options.onRound(round);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { sides, cpuMicrosPerClaim };
}

/** doubletake / the other, as reports show comparisons. */
export function comparisonOf({ sides: [own, other] }: VersusResult): ComparisonResult {
  const paired = pairedLogRatio(own.claimsPerSecond, other.claimsPerSecond);
  const { ratio, low, high, pairs } = paired;
  return {
    metric: "claimsPerSecond",
    subject: own.name,
    control: other.name,
    ratio,
    low,
    high,
    significant: low !== null && (low > 1 || high < 1),
    pairs,
    decision: equivalenceDecision(paired, { margin, better: "higher" }),
    margin,
  };
}

async function measure({ name }: Side, bench: Bench): Promise<SideMeasurement> {
  const { program } = bench;
  if (name !== "pgbench" || program === undefined) return await claimWithBots(bench);
  return await claimWithPgbench(bench, program);
}

interface Bench extends VersusOptions {
  readonly folder: string;
  readonly control: ControlDatabase;
}

/** pgbench runs a script without looking at what a statement returned, so only one statement can be the same. */
function rejectManySteps({ name, file, steps, transaction }: Strategy): void {
  if (steps.length === 1 && transaction === "none") return;
  throw new HarnessError({
    kind: "usage",
    what: `strategy "${name}" takes more than one statement, which pgbench cannot follow`,
    where: file,
    hint: "compare a strategy of one statement, such as skip-locked",
  });
}

/** Some jobs more than claims: the last ones must not be fought over. */
async function prepareRound({ control, bots, claimsPerBot }: Bench): Promise<void> {
  const lifecycle = new Lifecycle();
  await freshTables(control, { constraints: true });
  await registerBots(control, lifecycle, bots);
  await enqueue(control, lifecycle, bots * (claimsPerBot + 10));
  await settleTables(control);
  await control.query("CHECKPOINT");
}

interface SideMeasurement {
  readonly rate: number;
  readonly cpuMicros?: number;
}

async function claimWithPgbench(bench: Bench, program: string): Promise<SideMeasurement> {
  const { server, bots, claimsPerBot, strategy } = bench;
  const script = join(bench.folder, "claim.sql");
  writeFileSync(script, `\\set bot_id :client_id + 1\n${strategy.steps[0]?.sql};\n`);
  const rate = await runPgbench({
    program,
    address: server.address,
    schema: server.schema,
    script,
    variables: { lease: `${leaseMs} milliseconds`, limit: "1" },
    clients: bots,
    threads: Math.min(bots, availableParallelism()),
    transactionsPerClient: claimsPerBot,
  });
  return { rate };
}

/** Claims a second from the first one asked for to the last one granted, as pgbench counts. */
async function claimWithBots(bench: Bench): Promise<SideMeasurement> {
  const { control, server, strategy, bots, claimsPerBot, folder } = bench;
  const clock = startClock();
  const file = join(folder, "history.ndjson");
  await using recorder = createRecorder({
    file,
    header: foreignHeader(file, new EventTable()),
    clock,
  });
  await using target = referenceTarget({ strategy, server, control, bots });
  using span = new Span({ deadlineMs: roundMs });
  const all = makeBots(bots, target, recorder);
  for (const bot of all) await bot.connect(span.signal);
  const claims = bots * claimsPerBot;
  const cpuBefore = process.cpuUsage();
  const from = clock.now();
  await Promise.all(all.map((bot) => claimTimes(bot, claimsPerBot)));
  const seconds = (clock.now() - from) / 1e9;
  const cpu = process.cpuUsage(cpuBefore);
  return { rate: claims / seconds, cpuMicros: (cpu.user + cpu.system) / claims };
}

function makeBots(count: number, target: ReferenceTarget, recorder: Recorder): readonly Bot[] {
  const random = seededRandom(1, "bench");
  const record = (event: Parameters<Recorder["record"]>[0]): void => void recorder.record(event);
  return Array.from(
    { length: count },
    (_, index) => new Bot({ id: index + 1, target, record, workMs: 0, random }),
  );
}

async function claimTimes(bot: Bot, times: number): Promise<void> {
  for (let claim = 0; claim < times; claim++) {
    const turn = await bot.claim();
    if (turn === "worked") continue;
    const what = `bot ${bot.id} was to be granted a job, and its claim ended as ${turn}`;
    throw new HarnessError({ kind: "environment", what });
  }
}
