import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { exploreClasses } from "../explore/schedule-coverage/classes.ts";
import { coverageOf } from "../explore/schedule-coverage/coverage.ts";
import type { Coverage } from "../explore/schedule-coverage/coverage.ts";
import { roundsOfStrategy, strategiesOf } from "../explore/schedule-coverage/recorded-run.ts";
import type { RecordedRun as NotedRun } from "../explore/schedule-coverage/recorded-run.ts";
import { readStatements } from "../history/statement-reader.ts";
import { scheduleCoverage } from "../report/schedule-coverage.ts";
import type { ScheduleCoverage } from "../report/schedule-coverage.ts";
import type { RecordedRun, RunRequest } from "../run/run-scenario.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";

/** By the names of strategies. */
export type RunCoverage = Readonly<Record<string, ScheduleCoverage>>;

/** Beside the history: what it takes a database to find out must not be lost to those who judge without one. */
const fileName = "coverage.json";
const schema = z.object({
  format: z.literal("doubletake-coverage"),
  version: z.literal(1),
  strategies: z.record(z.string(), scheduleCoverage),
});

/** For each strategy; orders are few where a claim is, and nobody waits long for the end of a run. */
const budgetMs = 20_000;
const stepMs = 5_000;

export interface Covered {
  readonly coverage: RunCoverage;
  /** Why some of it is not known. */
  readonly warnings: readonly string[];
}

/** Says how many orders the run has visited, and keeps it in its folder. That it cannot be found out is a warning. */
export async function coverRun(request: RunRequest, recorded: RecordedRun): Promise<Covered> {
  if (request.notesStatements !== true || recorded.interrupted)
    return { coverage: {}, warnings: [] };
  request.watcher.message?.("looking which orders of two bots' claims the run has visited");
  try {
    const covered = await cover(request, recorded);
    const strategies = Object.fromEntries(covered);
    const document = { format: "doubletake-coverage", version: 1, strategies };
    writeFileSync(join(recorded.folder.path, fileName), `${JSON.stringify(document, null, 2)}\n`);
    return { coverage: strategies, warnings: [] };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const warnings = [`which orders the run has visited could not be found out: ${error.message}`];
    return { coverage: {}, warnings };
  }
}

/** What was found out when the run had ended; nothing where nobody looked, or what is there cannot be read. */
export function readRunCoverage(path: string): RunCoverage {
  const file = join(path, fileName);
  if (!existsSync(file)) return {};
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8"))).strategies;
  } catch {
    return {};
  }
}

async function cover(
  { plan, signal }: RunRequest,
  { folder, header, recorder }: RecordedRun,
): Promise<readonly (readonly [string, ScheduleCoverage])[]> {
  const statements = await readStatements(folder.path);
  if (statements === null) return [];
  const run: NotedRun = { path: folder.path, header, events: recorder.table, statements };
  await using stack = new Disposal();
  const { postgres: server, images } = plan.scenario.environment;
  const postgres = stack.use(
    await startPostgres({ server, settings: {}, image: images.postgres, signal }),
  );
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const context = { address: postgres.address, control, signal };
  const covered: (readonly [string, ScheduleCoverage])[] = [];
  for (const reference of strategiesOf(run)) {
    if (signal.aborted) break;
    const strategy = loadStrategy(reference);
    const { rounds, constraints } = roundsOfStrategy(run, reference, strategy);
    const request = { strategy, reference, constraints, budgetMs, stepMs };
    const coverage = coverageOf(await exploreClasses(request, context), rounds);
    covered.push([reference, shortOf(coverage)]);
  }
  return covered;
}

/** What a summary has room for: `explore --coverage` draws the classes. */
function shortOf({ classes, visited, possible, isWhole, pairs }: Coverage): ScheduleCoverage {
  const { looked, certain } = pairs;
  return { classes: classes.length, visited, possible, isWhole, pairs: { looked, certain } };
}
