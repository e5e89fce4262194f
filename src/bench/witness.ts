import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monotonicMs, startClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { seededRandom } from "../base/random.ts";
import { Span } from "../base/span.ts";
import { Bot } from "../bots/bot.ts";
import type { BotOptions } from "../bots/bot.ts";
import { LocalCrew } from "../bots/crew.ts";
import { drain } from "../bots/load/drain.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { EventTable } from "../history/event-table.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { Lifecycle } from "../service/lifecycle.ts";
import { loadStrategy } from "../service/strategy.ts";
import { enqueue, freshTables, registerBots, settleTables } from "../service/tables.ts";
import { openRunWitness } from "../service/witness/run-witness.ts";
import { pairedLogRatio } from "../stats/paired-log-ratio.ts";
import { median } from "../stats/quantile.ts";
import { lastAnswerNs, referenceTarget } from "./reference-bench.ts";

/**
 * `npm run bench:witness [-- rounds [jobs [setting=value …]]]`: what a witness costs. The same jobs are claimed, started and
 * completed by the same bots on one server, round after round, in turns without a witness, with decoding and with audit,
 * so that each round is paired with its neighbours. With `fsync=off` the disk hides nothing of it.
 */
const modes = ["off", "decoding", "audit"] as const;
type Mode = (typeof modes)[number];

const bots = 20;
const roundMs = 120_000;

interface Measurement {
  readonly claimsPerSecond: number;
  /** What the server wrote for a job: unlike a time, the same however busy the machine is. */
  readonly walBytesPerClaim: number;
  /** Changes that the database told after the round, and how fast it told them; none without a witness. */
  readonly changes: number;
  readonly changesPerSecond: number;
}

interface Bench {
  readonly server: PostgresServer;
  readonly control: ControlDatabase;
  readonly clock: Clock;
  readonly folder: string;
  readonly jobs: number;
}

interface Options {
  readonly rounds: number;
  readonly jobs: number;
  readonly settings: Readonly<Record<string, string>>;
}

async function main(options: Options): Promise<void> {
  const { rounds, jobs, settings } = options;
  const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
  try {
    await using server = await startPostgres({ server: "embedded", settings, image: "" });
    await using control = new ControlDatabase(server.address, server.schema);
    const bench = { server, control, clock: startClock(), folder, jobs };
    // The first round of a server is slower than all others: files grow, caches are cold.
    await measure(bench, "off");
    const measured = new Map<Mode, Measurement[]>(modes.map((mode) => [mode, []]));
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? modes : modes.toReversed();
      for (const mode of order) measured.get(mode)?.push(await measure(bench, mode));
      process.stderr.write(`${round + 1} of ${rounds} rounds of each\n`);
    }
    process.stdout.write(
      `${[...measured].map(([mode, all]) => row(mode, all, measured)).join("\n")}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(bench: Bench, mode: Mode): Promise<Measurement> {
  const { server, control, clock, folder, jobs } = bench;
  const { capabilities } = server;
  const file = join(folder, "witness.ndjson");
  await using witness = await openRunWitness({ mode, control, capabilities, clock, file });
  await freshTables(control, { constraints: true });
  await witness?.beginRound(0);
  await registerBots(control, new Lifecycle(), bots);
  await enqueue(control, new Lifecycle(), jobs);
  await settleTables(control);
  const walBefore = await walPosition(control);
  const claimsPerSecond = await drainAll(bench);
  const walBytesPerClaim = ((await walPosition(control)) - walBefore) / jobs;
  const from = monotonicMs();
  await witness?.endRound();
  const seconds = (monotonicMs() - from) / 1000;
  const changes = witness?.witness.changes.length ?? 0;
  return { claimsPerSecond, walBytesPerClaim, changes, changesPerSecond: changes / seconds };
}

async function walPosition(control: ControlDatabase): Promise<number> {
  const rows = await control.query("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes");
  return Number(rows[0]?.["bytes"]);
}

/** Claims a second until every job is done. */
async function drainAll({ server, control, clock, jobs }: Bench): Promise<number> {
  await using target = referenceTarget({
    strategy: loadStrategy("skip-locked"),
    server,
    control,
    bots,
  });
  const events = new EventTable();
  const record: BotOptions["record"] = (event) => void events.push({ ...event, t: clock.now() });
  const options = { target, record, workMs: 0, random: seededRandom(1, "bench") };
  const all = Array.from({ length: bots }, (_, index) => new Bot({ id: index + 1, ...options }));
  using span = new Span({ deadlineMs: roundMs });
  const { signal } = span;
  for (const bot of all) await bot.connect(signal);
  const from = clock.now();
  await drain({ kind: "drain" }, { crew: new LocalCrew(all), signal });
  return jobs / ((lastAnswerNs(events) - from) / 1e9);
}

function row(
  mode: Mode,
  all: readonly Measurement[],
  measured: ReadonlyMap<Mode, Measurement[]>,
): string {
  const rates = all.map(({ claimsPerSecond }) => claimsPerSecond);
  const wal = all.map(({ walBytesPerClaim }) => walBytesPerClaim);
  const columns = [
    mode.padEnd(9),
    `${rounded(rates)} claims/s`.padStart(16),
    `${rounded(wal)} WAL bytes a claim`.padStart(24),
  ];
  if (mode !== "off") {
    const off = measured.get("off") ?? [];
    const { ratio, low, high } = pairedLogRatio(
      rates,
      off.map(({ claimsPerSecond }) => claimsPerSecond),
    );
    const interval = low === null ? "" : ` [${low.toFixed(2)}–${high.toFixed(2)}]`;
    columns.push(`${(ratio ?? Number.NaN).toFixed(2)}×${interval} of off`.padStart(26));
    const told = all.map(({ changesPerSecond }) => changesPerSecond);
    columns.push(`told ${all[0]?.changes ?? 0} changes a round at ${rounded(told)}/s`);
  }
  return columns.join("  ");
}

function rounded(values: readonly number[]): string {
  return Math.round(median(values) ?? Number.NaN).toLocaleString("en");
}

const [rounds = "8", jobs = "10000", ...settings] = process.argv.slice(2);
await main({
  rounds: Number(rounds),
  jobs: Number(jobs),
  settings: Object.fromEntries(settings.map((setting) => setting.split("=", 2))),
});
