import { availableParallelism, cpus } from "node:os";
import { Command, Option } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { benchFormatNames, benchFormats } from "../bench/formats.ts";
import type { BenchFormat } from "../bench/formats.ts";
import { findPgbench } from "../bench/pgbench.ts";
import { timeDatabase } from "../bench/suites/database.ts";
import { offlineSuite } from "../bench/suites/offline.ts";
import { time } from "../bench/timing.ts";
import type { TimedResult } from "../bench/timing.ts";
import { comparisonOf, versus } from "../bench/versus.ts";
import type { VersusResult } from "../bench/versus.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import type { ComparisonResult } from "../report/result.ts";
import { parseDurationMs } from "../scenario/duration.ts";
import { loadStrategy, strategyNames } from "../service/strategy.ts";
import { exitCodes } from "./exit-code.ts";
import { wholeNumber } from "./run-options.ts";

interface BenchFlags {
  readonly vs?: "pgbench";
  readonly calibrate?: boolean;
  readonly strategy?: string;
  readonly time: string;
  readonly rounds: string;
  readonly bots: string;
  readonly claims: string;
  readonly set?: readonly string[];
  readonly postgres: string;
  readonly format: BenchFormat;
  readonly json?: boolean;
}

export function benchCommand(): Command {
  const command = new Command("bench").description(
    "times one claim of each strategy, the steps of a job, the checks and the recorder; or doubletake against pgbench",
  );
  for (const option of options) command.addOption(option);
  return command.action(bench);
}

const options: readonly Option[] = [
  new Option("--vs <tool>", "drive the same claim with doubletake and this, in turns").choices([
    "pgbench",
  ]),
  new Option(
    "--calibrate",
    "drive it with doubletake twice: what differs then is this machine",
  ).conflicts("vs"),
  new Option(
    "--strategy <names>",
    "names or .sql files, with commas; --vs and --calibrate take one",
  ),
  new Option("--time <time>", "how long each is timed").default("200ms"),
  new Option("--rounds <number>", "rounds of each side").default("6"),
  new Option("--bots <number>", "bots, and connections, of each side").default("20"),
  new Option("--claims <number>", "claims of each bot in a round").default("500"),
  new Option(
    "--set <name=value>",
    "a setting of the server, such as fsync=off; may be repeated",
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
  new Option("--postgres <server>", "embedded, docker or a postgres:// URL")
    .env("DOUBLETAKE_POSTGRES")
    .default("embedded"),
  new Option("--format <format>", "how timings are told")
    .choices([...benchFormatNames])
    .default("text"),
  new Option("--json", "print one JSON document, with every sample"),
];

async function bench(flags: BenchFlags): Promise<void> {
  const settings = settingsOf(flags.set ?? []);
  const compares = flags.vs !== undefined || flags.calibrate === true;
  const program = flags.vs === undefined ? undefined : findPgbench();
  if (flags.vs !== undefined && program === undefined) return skip(flags);
  // Images of docker are those of scenarios; there is no file here to name another.
  const server = startPostgres({ server: flags.postgres, settings, image: "postgres:18" });
  await using postgres = await server;
  if (compares) await compare(flags, postgres, program);
  else await timeAll(flags, postgres);
}

/** Nothing was compared: that is inconclusive, not a pass. */
function skip(flags: BenchFlags): void {
  const why = "pgbench is not installed (Debian: postgresql, postgresql-contrib; or set PATH)";
  process.stderr.write(`doubletake: bench --vs pgbench is skipped: ${why}\n`);
  if (flags.json === true) print({ comparisons: [], skipped: why });
  process.exitCode = exitCodes.inconclusive;
}

async function compare(
  flags: BenchFlags,
  server: PostgresServer,
  program: string | undefined,
): Promise<void> {
  const rounds = wholeNumber("--rounds", flags.rounds, 2) as number;
  const result = await versus({
    server,
    program,
    strategy: loadStrategy(flags.strategy ?? "skip-locked"),
    rounds,
    bots: wholeNumber("--bots", flags.bots, 1) as number,
    claimsPerBot: wholeNumber("--claims", flags.claims, 1) as number,
    onRound: (round) => process.stderr.write(`${round} of ${rounds} rounds of each\n`),
  });
  const comparison = comparisonOf(result);
  if (flags.json === true) print({ comparisons: [comparison], ...result });
  else process.stdout.write(comparisonText(comparison, result));
}

function comparisonText(comparison: ComparisonResult, result: VersusResult): string {
  const { subject, control, ratio, low, high, pairs } = comparison;
  const interval = low === null || high === null ? "" : ` [${low.toFixed(3)}–${high.toFixed(3)}]`;
  const lines = [
    `${subject} / ${control}: ${ratio?.toFixed(3) ?? "n/a"}${interval} in ${pairs} pairs`,
  ];
  for (const { name, claimsPerSecond } of result.sides) {
    lines.push(
      `  ${name.padEnd(12)} ${claimsPerSecond.map((rate) => Math.round(rate)).join(" ")} claims/s`,
    );
  }
  const cpu = result.cpuMicrosPerClaim.map((micros) => micros.toFixed(0)).join(" ");
  lines.push(`  doubletake's own CPU: ${cpu} µs a claim`);
  return `${lines.join("\n")}\n`;
}

async function timeAll(flags: BenchFlags, server: PostgresServer): Promise<void> {
  const timeMs = parseDurationMs(flags.time, "--time");
  const strategies = flags.strategy?.split(",") ?? strategyNames();
  const results = [
    ...(await timeDatabase({
      server,
      timeMs,
      strategies,
      onSkipped: (name, why) => process.stderr.write(`claim/${name} is left out: ${why}\n`),
    })),
    ...(await time(offlineSuite(), { timeMs })),
  ];
  if (flags.json === true) print(timingDocument(results, server));
  else process.stdout.write(benchFormats[flags.format](results));
}

function timingDocument(benchmarks: readonly TimedResult[], server: PostgresServer) {
  const machine = {
    cpus: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    node: process.version,
    postgres: server.description,
  };
  return { doubletake: packageVersion(), machine, benchmarks, comparisons: [] };
}

function settingsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([a-z_][a-z0-9_.]*)=(.*)$/i.exec(text) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      const hint = "write --set fsync=off";
      throw new HarnessError({
        kind: "usage",
        what: `"${text}" is no setting`,
        where: "--set",
        hint,
      });
    }),
  );
}

function print(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
