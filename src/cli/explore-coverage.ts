import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import { startPostgres } from "../environment/postgres/postgres-servers.ts";
import { exploreClasses } from "../explore/schedule-coverage/classes.ts";
import type { ClassesContext } from "../explore/schedule-coverage/classes.ts";
import { coverageOf } from "../explore/schedule-coverage/coverage.ts";
import type { Coverage } from "../explore/schedule-coverage/coverage.ts";
import { coverageText } from "../explore/schedule-coverage/coverage-text.ts";
import { roundsOfStrategy, strategiesOf } from "../explore/schedule-coverage/recorded-run.ts";
import type { RecordedRun, StrategyRounds } from "../explore/schedule-coverage/recorded-run.ts";
import { readHistory } from "../history/reader.ts";
import { readStatements } from "../history/statement-reader.ts";
import { paintFor } from "../report/terminal/paint.ts";
import { parseDurationMs } from "../scenario/duration.ts";
import { ControlDatabase } from "../service/control-database.ts";
import { loadStrategy } from "../service/strategy.ts";
import type { Strategy } from "../service/strategy.ts";
import { exitCodes, worstExitCode } from "./exit-code.ts";
import type { ExploreFlags } from "./explore-options.ts";
import { Interruption } from "./interruption.ts";

/** A strategy and what the run has of it. */
interface Wanted extends StrategyRounds {
  readonly reference: string;
  readonly strategy: Strategy;
}

/** Says which classes of two bots' claims a recorded run has visited. Nothing is started before the run is known to fit. */
export async function exploreCoverage(
  names: string | undefined,
  flags: ExploreFlags,
): Promise<void> {
  const run = await recordedRun(flags.coverage as string);
  const references = names?.split(",").map((name) => name.trim()) ?? strategiesOf(run);
  const wanted = references.map((reference): Wanted => {
    const strategy = loadStrategy(reference);
    return { reference, strategy, ...roundsOfStrategy(run, reference, strategy) };
  });
  const [budgetMs, stepMs] = [
    parseDurationMs(flags.budget, "--budget"),
    parseDurationMs(flags.stepTimeout, "--step-timeout"),
  ];
  using interruption = new Interruption("ending the schedule under way");
  const { signal } = interruption;
  await using stack = new Disposal();
  const postgres = stack.use(
    await startPostgres({ server: flags.postgres, settings: {}, image: "postgres:18", signal }),
  );
  const control = stack.use(new ControlDatabase(postgres.address, postgres.schema));
  const context: ClassesContext = { address: postgres.address, control, signal };
  const covered: { strategy: string; coverage: Coverage }[] = [];
  for (const each of wanted) {
    if (signal.aborted) break;
    const explored = await exploreClasses({ ...each, budgetMs, stepMs }, context);
    const coverage = coverageOf(explored, each.rounds);
    covered.push({ strategy: each.reference, coverage });
    if (!flags.json)
      process.stdout.write(`${coverageText(each.reference, coverage, paintFor(process.stdout))}\n`);
  }
  conclude(run, covered, flags, interruption.exitCode);
}

/** HarnessError (usage) where there is no run, or one whose statements were not noted. */
async function recordedRun(path: string): Promise<RecordedRun> {
  const { header, events, warnings } = await readHistory(path);
  const statements = await readStatements(path);
  if (statements === null || header.foreign) {
    const what = "has no statements.ndjson: when its statements were sent is not known";
    const hint = "run the scenario again with --coverage";
    throw new HarnessError({ kind: "usage", what, where: path, hint });
  }
  for (const warning of [...warnings, ...statements.warnings]) {
    process.stderr.write(`doubletake: ${warning}\n`);
  }
  return { path, header, events, statements };
}

/** What leaves everything open is no answer. */
function codeOf({ isWhole, pairs }: Coverage): number {
  return isWhole && pairs.certain > 0 ? exitCodes.passed : exitCodes.inconclusive;
}

function conclude(
  { path }: RecordedRun,
  covered: readonly { readonly strategy: string; readonly coverage: Coverage }[],
  { json }: ExploreFlags,
  interrupted: number | undefined,
): void {
  const codes = covered.map(({ coverage }) => codeOf(coverage));
  const exitCode = worstExitCode([...codes, ...(interrupted === undefined ? [] : [interrupted])]);
  process.exitCode = exitCode;
  if (!json) return;
  const coverage = covered.map(({ strategy, coverage: its }) => ({ strategy, ...its }));
  const document = { schema: 1, doubletake: packageVersion(), exitCode, run: path, coverage };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
