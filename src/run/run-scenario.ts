import { startClock, wallClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import type { PostgresCapability } from "../environment/postgres/postgres-server.ts";
import type { ToxiproxyCapability } from "../environment/toxiproxy/toxiproxy-server.ts";
import type { Phase } from "../history/event.ts";
import { questions } from "../history/header.ts";
import type { Question } from "../history/header.ts";
import type { HistoryHeader } from "../history/header.ts";
import { StatementLog } from "../history/statement-log.ts";
import { createRecorder } from "../history/recorder.ts";
import type { Recorder } from "../history/recorder.ts";
import type { Witness } from "../history/witness.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { playersOf } from "../scenario/target-findings.ts";
import type { Plan, PlannedRound } from "../plan/plan.ts";
import { publicPlan } from "../plan/public-plan.ts";
import { look } from "../report/look.ts";
import { loadStrategy } from "../service/strategy.ts";
import type { Strategy } from "../service/strategy.ts";
import { openRunWitness } from "../service/witness/run-witness.ts";
import type { RunWitness } from "../service/witness/run-witness.ts";
import { startEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { lostConnection } from "./lost-connection.ts";
import { neededCapabilities, refuseHarm } from "./fault-permission.ts";
import { runRound } from "./round.ts";
import { createRunFolder, pointLatest } from "./run-folder.ts";
import type { RunFolder } from "./run-folder.ts";
import { rejectUntimed } from "./statement-timing.ts";
import type { StatementNotes } from "./stage.ts";
import { rejectMisfits } from "./strategy-fit.ts";

export interface RunRequest {
  readonly plan: Plan;
  /** The command that does the run again, for the record. */
  readonly replay: string;
  /** The folder that holds the run's own folder. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly watcher: RunWatcher;
  /** When each statement of a claim was sent and answered goes into a file beside the history. */
  readonly notesStatements?: boolean | undefined;
  /** What is seen of the repeats so far; absent: what was measured in them. A test gives it measurements of no machine. */
  readonly look?: typeof look;
}

/** Told what the run is doing; what it shows of that is its own affair. */
export interface RunWatcher {
  environmentStarted(environment: Environment): void;
  roundStarted(planned: PlannedRound, rounds: number, recorder: Recorder): void;
  phaseStarted(phase: Phase): void;
  /** A line for the user, at once. */
  message?(line: string): void;
}

/** A run that has ended and is recorded; its history is judged by who asks for it. */
export interface RecordedRun {
  readonly folder: RunFolder;
  readonly header: HistoryHeader;
  readonly recorder: Recorder;
  /** What the database itself recorded; null where the scenario does without. */
  readonly witness: Witness | null;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly interrupted: boolean;
  readonly warnings: readonly string[];
}

/** The scenario needs what this environment cannot do: it is skipped with the reason, never passed. */
export class ScenarioSkipped extends Error {
  readonly missing: readonly string[];

  constructor(name: string, missing: readonly string[], environment: string) {
    super(`${name} is skipped: ${environment} cannot ${missing.join(", ")}`);
    this.name = "ScenarioSkipped";
    this.missing = missing;
  }
}

/**
 * Carries a plan out. The environment is started once; every round has fresh tables on it. Whatever ends the run, the
 * environment is stopped and what was recorded is on disk.
 */
export async function runScenario(request: RunRequest): Promise<RecordedRun> {
  const { plan, signal } = request;
  rejectUnknownRequirements(plan);
  refuseHarm(plan.scenario);
  if (request.notesStatements) rejectUntimed(plan.scenario);
  const strategies = loadStrategies(plan);
  rejectMisfits(plan.scenario, strategies.values());
  const startedAt = wallClock();
  const clock = startClock();
  await using stack = new Disposal();
  const environment = stack.use(
    await startEnvironment({ spec: plan.scenario.environment, seed: plan.seed, signal }),
  );
  rejectMissing(plan, environment);
  request.watcher.environmentStarted(environment);
  const folder = createRunFolder(request.out, {
    startedAt,
    name: plan.scenario.name,
    seed: plan.seed,
  });
  const header = headerOf(request, { strategies, environment, startedAt });
  const recorder = stack.use(createRecorder({ file: folder.history, header, clock }));
  const witness = await openWitness(plan, { environment, folder, clock });
  if (witness !== null) stack.use(witness);
  const log = request.notesStatements
    ? stack.use(await StatementLog.create(folder.statements))
    : null;
  const statements = log === null ? undefined : { clock, note: log.note.bind(log) };
  await runRounds(request, { environment, recorder, witness, strategies, header, statements });
  await recorder.close();
  await log?.close();
  pointLatest(folder);
  const durationMs = clock.now() / 1e6;
  return {
    folder,
    header,
    recorder,
    witness: witness?.witness ?? null,
    startedAt,
    durationMs,
    interrupted: signal.aborted,
    warnings: witness?.witness.warnings ?? [],
  };
}

async function openWitness(
  plan: Plan,
  parts: {
    readonly environment: Environment;
    readonly folder: RunFolder;
    readonly clock: Clock;
  },
): Promise<RunWitness | null> {
  // Tables that are not ours are none that we could read a history from.
  if (bringsItsOwn(plan.scenario)) return null;
  const { postgres, control } = parts.environment;
  return await openRunWitness({
    mode: plan.scenario.environment.witness,
    control,
    capabilities: postgres.capabilities,
    clock: parts.clock,
    file: parts.folder.witness,
  });
}

async function runRounds(
  request: RunRequest,
  parts: {
    readonly environment: Environment;
    readonly recorder: Recorder;
    readonly witness: RunWitness | null;
    readonly strategies: ReadonlyMap<string, Strategy>;
    readonly header: HistoryHeader;
    readonly statements: StatementNotes | undefined;
  },
): Promise<void> {
  const { plan, signal: stop, watcher } = request;
  const { failing } = parts.recorder;
  // Faults are healed and bots drain as after Ctrl-C; the flush at the end of the round tells what it was.
  failing.addEventListener("abort", () =>
    watcher.message?.("a file of the run cannot be written: stopping the run"),
  );
  const signal = AbortSignal.any([stop, failing]);
  for (const [place, planned] of plan.rounds.entries()) {
    if (stop.aborted) return;
    watcher.roundStarted(planned, plan.rounds.length, parts.recorder);
    await runRound({
      scenario: plan.scenario,
      planned,
      strategy: parts.strategies.get(planned.strategy) ?? null,
      environment: parts.environment,
      recorder: parts.recorder,
      witness: parts.witness,
      statements: parts.statements,
      signal,
      onPhase: (phase) => watcher.phaseStarted(phase),
    }).catch((error: unknown) => {
      throw lostConnection(error);
    });
    const isRepeatOver = plan.rounds[place + 1]?.repeat !== planned.repeat;
    if (isRepeatOver && !signal.aborted && isDecided(planned, { ...parts, ...request })) return;
    await parts.recorder.flush();
  }
}

/** Looks at what the repeats so far decide, where it is time to, and writes down what it saw. */
function isDecided(
  { repeat }: PlannedRound,
  parts: Pick<RunRequest, "look"> & {
    readonly header: HistoryHeader;
    readonly recorder: Recorder;
  },
): boolean {
  const { header, recorder } = parts;
  const seen = (parts.look ?? look)(header, recorder.table, repeat + 1);
  if (seen === null) return false;
  recorder.record({ op: "look", type: "info", detail: seen });
  return seen.stops;
}

/** Every strategy is read before anything is started: a bad file must not cost a database. Services bring their own. */
function loadStrategies(plan: Plan): ReadonlyMap<string, Strategy> {
  if (bringsItsOwn(plan.scenario)) return new Map();
  const references = new Set(plan.rounds.map((planned) => planned.strategy));
  return new Map([...references].map((reference) => [reference, loadStrategy(reference)]));
}

/** What a scenario may require; what an environment has of it decides whether the scenario runs there. */
const knownCapabilities: readonly (PostgresCapability | ToxiproxyCapability | "pgbouncer")[] = [
  "terminate-backends",
  "decode-wal",
  "crash",
  "configure",
  "standby",
  "small-disk",
  "wal-position",
  "postgres-cut",
  "connections",
  "events",
  "pooling",
  "pgbouncer",
];

/** A misspelt requirement would skip the scenario everywhere, and nobody would notice. */
function rejectUnknownRequirements({ scenario }: Plan): void {
  const known: readonly string[] = knownCapabilities;
  const stranger = scenario.requires.find((need) => !known.includes(need));
  if (stranger === undefined) return;
  throw new HarnessError({
    kind: "usage",
    what: `"requires" names "${stranger}", which no environment can do`,
    where: scenario.file,
    hint: `it may name ${known.join(", ")}`,
  });
}

function rejectMissing(plan: Plan, environment: Environment): void {
  const missing = neededCapabilities(plan.scenario).filter(
    (need) => !environment.capabilities.has(need),
  );
  if (missing.length === 0) return;
  const { postgres, toxiproxy } = environment.facts;
  throw new ScenarioSkipped(plan.scenario.name, missing, `${postgres} with ${toxiproxy}`);
}

function headerOf(
  { plan, replay }: RunRequest,
  started: {
    readonly strategies: ReadonlyMap<string, Strategy>;
    readonly environment: Environment;
    readonly startedAt: Date;
  },
): HistoryHeader {
  const summaries = summariesOf(plan.scenario, started.strategies);
  return {
    format: "doubletake-history",
    version: 1,
    startedAt: started.startedAt.toISOString(),
    doubletake: packageVersion(),
    plan: publicPlan(plan),
    questions: questionsOf(plan.scenario),
    replay,
    environment: started.environment.facts,
    strategies: summaries,
    claimSql: Object.fromEntries(
      [...started.strategies].map(([name, { transaction, steps }]) => [
        name,
        { transaction, steps: steps.map((step) => ({ name: step.name, sql: step.sql })) },
      ]),
    ),
  };
}

/** Whether the rounds play services or modules that are not ours, with tables that are not ours. */
function bringsItsOwn({ target }: Scenario): boolean {
  return playersOf(target) !== undefined;
}

/** What the tables of a service that is not ours are asked: what the scenario has verified in them, and nothing else. */
function questionsOf(scenario: Scenario): readonly Question[] {
  if (!bringsItsOwn(scenario)) return questions;
  const { target } = scenario;
  return target?.kind === "http" && target.verify.length > 0 ? ["verification"] : [];
}

function summariesOf(
  { target }: Scenario,
  strategies: ReadonlyMap<string, Strategy>,
): HistoryHeader["strategies"] {
  const summaries = [...strategies].map(([name, { summary }]) => [name, summary]);
  return Object.fromEntries([...summaries, ...playerSummaries(target)]);
}

function playerSummaries(target: Scenario["target"]): readonly (readonly [string, string])[] {
  if (target === undefined) return [];
  if (target.kind === "module") {
    return Object.entries(target.modules).map(([name, file]) => [name, `the module ${file}`]);
  }
  return Object.entries(target.services ?? {}).map(([name, service]) => {
    const where = "url" in service ? `at ${service.url}` : service.command.join(" ");
    return [name, `the service ${where}`];
  });
}
