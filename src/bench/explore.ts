import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { monotonicMs } from "../base/clock.ts";
import { Disposal } from "../base/disposal.ts";
import { packageRoot } from "../base/package-root.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { exploreStrategy } from "../explore/explore-strategy.ts";
import type { Exploration, ExploreContext } from "../explore/explore-strategy.ts";
import { guaranteeText } from "../explore/guarantee.ts";
import type { ProgramName } from "../explore/programs.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";
import { isSameMachine, originHere, readBaseline, writeBaseline } from "./baseline.ts";
import { byBotsWithin, exploreTable, strategies } from "./explore-table.ts";
import type { ExploreBaseline, ExploreRow } from "./explore-table.ts";
import { writeTable } from "./marked-table.ts";

/**
 * `npm run bench:explore [-- strategy …] [--write]`: how schedules and times grow with bots and steps, and how soon the naive
 * claim is seen to be broken. Some two minutes; times are without the start of the process and of the server, unless they
 * are said to be with it.
 *
 * `--write` puts what was measured into reports/baselines/explore.json, beside what it holds of the same machine, and the
 * tables into docs/explore.md.
 */
interface Size {
  readonly strategy: string;
  readonly program: ProgramName;
  readonly bots: number;
}

const fewestBots = 2;
const mostBots = 4;
/** Four bots may have more orders than a benchmark can wait for: it is told what was reached. */
const budgetMs = 15_000;

async function main(given: readonly string[]): Promise<void> {
  const isWriting = given.includes("--write");
  const names = given.filter((word) => word !== "--write");
  const wanted = sizes().filter(({ strategy }) => names.length === 0 || names.includes(strategy));
  if (wanted.length === 0) throw new Error(`it is one of ${strategies.join(", ")}`);
  await using stack = new Disposal();
  const postgres = stack.use(await startPostgres({ server: "embedded", settings: {}, image: "" }));
  const baseline = {
    ...originHere(postgres.description, await settingsOf(postgres)),
    rows: await measureAll(postgres, wanted),
    commandSeconds: await commandSeconds(),
  };
  process.stdout.write(`${isWriting ? write(baseline) : exploreTable(baseline)}\n`);
}

/** By bots for every strategy, and by steps for one. */
function sizes(): readonly Size[] {
  const counts = Array.from({ length: mostBots - fewestBots + 1 }, (_, at) => fewestBots + at);
  const byBots = strategies.flatMap((strategy) =>
    counts.map((bots): Size => ({ strategy, program: "claim", bots })),
  );
  const bySteps = (["lifecycle", "rescue"] as const).map((program): Size => ({
    strategy: "skip-locked",
    program,
    bots: fewestBots,
  }));
  return [...byBots, ...bySteps];
}

async function measureAll(
  postgres: PostgresServer,
  wanted: readonly Size[],
): Promise<readonly ExploreRow[]> {
  await using control = new ControlDatabase(postgres.address, postgres.schema);
  const context = { address: postgres.address, control, signal: new AbortController().signal };
  // The first exploration pays for what the process does for the first time.
  await measure(context, { strategy: "skip-locked", program: "claim", bots: 1 });
  const rows: ExploreRow[] = [];
  for (const size of wanted) {
    const row = await measure(context, size);
    rows.push(row);
    const { strategy, program, bots, schedules, msEach, seconds } = row;
    const took = `${schedules} schedules, ${msEach.toFixed(1)} ms each, ${seconds.toFixed(1)} s`;
    process.stderr.write(`${strategy}, ${program}, ${bots} bots: ${took}\n`);
  }
  return rows;
}

async function measure(context: ExploreContext, size: Size): Promise<ExploreRow> {
  const { strategy: reference, program, bots } = size;
  const common = { program, constraints: false, crashes: false, prunes: true, seed: 1 } as const;
  const bounds = { bots, jobs: bots + 1, budgetMs, stepMs: 10_000, shrinkMs: 10_000 };
  const request = { ...common, ...bounds, reference, strategy: loadStrategy(reference) };
  const startedAt = monotonicMs();
  let firstBrokenSeconds: number | null = null;
  const onSchedule: ExploreContext["onSchedule"] = ({ broken }) => {
    if (broken > 0) firstBrokenSeconds ??= (monotonicMs() - startedAt) / 1000;
  };
  const { exploration } = await exploreStrategy(request, { ...context, onSchedule });
  return { ...size, ...rowOf(exploration), firstBrokenSeconds };
}

function rowOf({ bots, schedules, msEach, durationMs, guarantees }: Exploration) {
  const { steps, complete, redundant } = schedules;
  return {
    steps,
    schedules: complete,
    redundant,
    isWhole: guarantees.some(({ kind }) => kind === "every-interleaving"),
    shown: guarantees.map((guarantee) => guaranteeText(guarantee, bots)).join("; "),
    msEach,
    seconds: durationMs / 1000,
  };
}

/** What somebody waits for who asks whether the naive claim is safe. */
async function commandSeconds(): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
  const command = fileURLToPath(new URL("../main.js", import.meta.url));
  const startedAt = monotonicMs();
  try {
    const args = [command, "explore", "naive", "--out", out];
    const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: "ignore" });
    const [code] = await once(child, "exit");
    if (code !== 1) throw new Error(`explore naive ended with ${code}, and 1 was expected`);
  } finally {
    rmSync(out, { recursive: true });
  }
  return (monotonicMs() - startedAt) / 1000;
}

/** As they are for the connections of an exploration. */
async function settingsOf({ address, schema }: PostgresServer): Promise<Record<string, string>> {
  await using control = new ControlDatabase(address, schema);
  const [row] = await control.query("SHOW fsync");
  return { fsync: String(row?.["fsync"]), synchronous_commit: "off" };
}

function write(measured: ExploreBaseline): string {
  const known = readBaseline("explore") as ExploreBaseline | undefined;
  const kept = known !== undefined && isSameMachine(known, measured) ? known.rows : [];
  const others = kept.filter((row) => !measured.rows.some((each) => isSame(row, each)));
  const baseline = { ...measured, rows: [...others, ...measured.rows].toSorted(byBotsWithin) };
  const table = exploreTable(baseline);
  writeBaseline("explore", baseline);
  writeTable(join("docs", "explore.md"), "explore", table);
  return table;
}

function isSame(one: Size, other: Size): boolean {
  return (
    one.strategy === other.strategy && one.program === other.program && one.bots === other.bots
  );
}

await main(process.argv.slice(2));
