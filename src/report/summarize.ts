import type { Case, Evidence, RoundEvidence } from "../checks/check.ts";
import { judgeRun } from "../checks/judge.ts";
import type { StrategyJudgement } from "../checks/judge.ts";
import type { LookDetail } from "../history/event.ts";
import type { HistoryHeader } from "../history/header.ts";
import type { WitnessChange } from "../history/witness-change.ts";
import { describeLoad } from "../plan/describe.ts";
import { commitsMeanwhile } from "./commits-meanwhile.ts";
import { compareStrategies, roundMetrics } from "./comparisons.ts";
import type { Compared } from "./comparisons.ts";
import { runExitCode } from "./exit-code.ts";
import { judgeExpectations } from "./expectations.ts";
import { calibrate } from "./calibration.ts";
import { discardedRounds, withoutRounds } from "./discarded-rounds.ts";
import { headline } from "./headline.ts";
import { jobStories } from "./job-stories.ts";
import { measureGenerator } from "./measure/load-detail.ts";
import { measureStrategy } from "./measure/strategy.ts";
import type { StrategyMeasurement } from "./measure/strategy.ts";
import { otherEnds, resultEvent } from "./other-ends.ts";
import { playedText, sequentialResult } from "./sequential.ts";
import type { ScheduleCoverage } from "./schedule-coverage.ts";
import type { CheckResult, RunResult, StrategyResult, Violation } from "./result.ts";

export interface RunRecord {
  readonly header: HistoryHeader;
  readonly strategies: readonly JudgedStrategy[];
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** The command that does the run again. */
  readonly replay: string;
  readonly warnings: readonly string[];
  /** By the names of strategies; absent: nobody looked. */
  readonly coverage?: Readonly<Record<string, ScheduleCoverage>> | undefined;
  /** Absent: none were made. */
  readonly looks?: readonly LookDetail[];
}

export interface JudgedStrategy {
  readonly evidence: Evidence;
  readonly judgement: StrategyJudgement;
}

/** From what was recorded and judged to the result that every report is made from. Pure. */
export function summarize(record: RunRecord): RunResult {
  const { header, interrupted, replay } = record;
  const { scenario, seed } = header.plan;
  const measured = subjectsFirst(record.strategies).map(({ evidence, judgement }) => {
    const measurement = measureStrategy(evidence);
    return { evidence, judgement, measurement, coverage: record.coverage?.[evidence.strategy] };
  });
  const strategies = measured.map((each) => strategyResult(header, each));
  const generator = measureGenerator(measured.flatMap(({ measurement }) => measurement.rounds));
  const compared = measured.map(({ evidence, measurement }) => ({
    name: evidence.strategy,
    role: evidence.role,
    rounds: measurement.rounds,
  }));
  const discarded = discardedRounds(compared);
  const { looks = [] } = record;
  const sequential = sequentialResult(scenario, { looks, interrupted });
  const { verdict } = judgeRun(record.strategies.map(({ judgement }) => judgement));
  const expectations = judgeExpectations(scenario.expect, strategies, scenario.baseline);
  return {
    schema: 1,
    doubletake: header.doubletake,
    scenario: { name: scenario.name, file: scenario.file, description: scenario.description },
    seed,
    verdict,
    headline: headline(strategies, expectations),
    exitCode: runExitCode({ verdict, expectations }),
    startedAt: header.startedAt,
    durationMs: Math.round(record.durationMs),
    replay,
    interrupted,
    environment: environmentResult(header),
    load: loadResult(header, sequential),
    warnings: [
      ...record.warnings,
      ...loadWarnings(generator, discarded),
      ...starvedWarnings(compared),
    ],
    strategies,
    comparisons: compareStrategies(withoutRounds(compared, discarded), sequential?.confidence),
    generator,
    calibration: calibrate(withoutRounds(compared, discarded)),
    ...(sequential === null ? {} : { sequential }),
    discardedRounds: discarded,
    expectations,
  };
}

/** In the order of the plan otherwise, which alternates who begins. */
function subjectsFirst(strategies: readonly JudgedStrategy[]): readonly JudgedStrategy[] {
  const isControl = ({ evidence }: JudgedStrategy): number => Number(evidence.role === "control");
  return strategies.toSorted((one, other) => isControl(one) - isControl(other));
}

interface MeasuredStrategy extends JudgedStrategy {
  readonly measurement: StrategyMeasurement;
  readonly coverage: ScheduleCoverage | undefined;
}

function strategyResult(
  header: HistoryHeader,
  { evidence, judgement, measurement, coverage }: MeasuredStrategy,
): StrategyResult {
  const { strategy: name, role, rounds, plan } = evidence;
  const checks = judgement.checks.map((check) => checkResult(check, rounds));
  const planned = plan.rounds.find((round) => round.strategy === name);
  return {
    name,
    summary: header.strategies[name] ?? "",
    role,
    constraints: rounds[0]?.constraints ?? planned?.constraints ?? false,
    verdict: judgement.verdict,
    checks,
    notJudged: judgement.notJudged.map((each) => ({ name: each.name, reason: each.reason })),
    ...measurement.numbers,
    perRound: measurement.rounds.map((round) => ({
      round: round.round,
      repeat: round.repeat,
      metrics: roundMetrics(round),
    })),
    ...shownOf(header, evidence, checks),
    ...(coverage === undefined ? {} : { coverage }),
    claims: {
      ...measurement.claims,
      duplicates: countOf(checks, "single-grant") ?? 0,
      falseEmpty: countOf(checks, "no-false-empty"),
    },
  };
}

/** What shows a reader how the strategy claims, and what happened to single jobs. */
function shownOf(
  header: HistoryHeader,
  evidence: Evidence,
  checks: readonly CheckResult[],
): Pick<StrategyResult, "claimSql" | "jobs"> {
  const sql = header.claimSql?.[evidence.strategy];
  const strategies = new Set(evidence.plan.rounds.map(({ strategy }) => strategy)).size;
  const jobs = jobStories(evidence, { checks, strategies });
  return {
    ...(sql === undefined
      ? {}
      : {
          claimSql: { transaction: sql.transaction, steps: sql.steps.map((step) => ({ ...step })) },
        }),
    jobs,
  };
}

/** The result's own arrays, so that nobody who changes one changes what was recorded. */
function checkResult(
  check: StrategyJudgement["checks"][number],
  rounds: readonly RoundEvidence[],
): CheckResult {
  const { name, property, verdict, count, note } = check;
  const evidence = check.evidence.map((found) => violation(found, rounds));
  return { name, property, verdict, count, evidence, ...(note === undefined ? {} : { note }) };
}

function violation(found: Case, rounds: readonly RoundEvidence[]): Violation {
  const { bots, attempts, events, changes, summary, round, job } = found;
  const evidence = rounds.find((each) => each.round === round);
  return {
    summary,
    round,
    ...(job === undefined ? {} : { job }),
    ...(bots === undefined ? {} : { bots: [...bots] }),
    ...(attempts === undefined ? {} : { attempts: [...attempts] }),
    events: events.map(resultEvent),
    around: evidence === undefined ? [] : otherEnds(events, evidence),
    ...(changes === undefined ? {} : { changes: changes.map(witnessChange) }),
    ...commitsOf(found, evidence),
  };
}

function commitsOf(found: Case, round: RoundEvidence | undefined): Pick<Violation, "commits"> {
  const commits = round === undefined ? [] : commitsMeanwhile(found, round);
  return commits.length === 0 ? {} : { commits: commits.map(witnessChange) };
}

/** JSON has no NaN, which stands for a time that is not known. */
function witnessChange({
  at,
  ...change
}: WitnessChange): NonNullable<Violation["changes"]>[number] {
  return { ...change, at: Number.isNaN(at) ? null : at };
}

/** Null where the check did not judge. */
function countOf(checks: readonly CheckResult[], name: string): number | null {
  const check = checks.find((each) => each.name === name);
  return check === undefined || check.verdict === "inconclusive" ? null : check.count;
}

function environmentResult({ environment }: HistoryHeader): RunResult["environment"] {
  const { versions, settings, ...facts } = environment;
  return { ...facts, versions: { ...versions }, settings: { ...settings } };
}

/** A loop that is late now and then hardly moves a median or a rate, and makes tails longer than the server did. */
function blurWarnings(generator: RunResult["generator"]): string[] {
  const { rounds, of } = generator?.blurred ?? { rounds: 0, of: 0 };
  if (rounds === 0) return [];
  return [
    `the load generator's event loop was late by more than a tenth of the median service time, at its p99, in ${rounds} of ${of} rounds: read high percentiles as upper bounds`,
  ];
}

/** A strategy that runs out of jobs is as fast as there were jobs, and all that do are equally fast. */
function starvedWarnings(compared: readonly Compared[]): string[] {
  return compared.flatMap(({ name, rounds }) => {
    const starved = rounds.filter(({ isStarved }) => isStarved).length;
    if (starved === 0) return [];
    return `${name} found no job any more at the end of the load in ${starved} of ${rounds.length} rounds: its claims/s say how many it found, not how fast; unless it missed some, give it more jobs or a shorter load`;
  });
}

function loadResult(
  { plan: { scenario } }: HistoryHeader,
  sequential: NonNullable<RunResult["sequential"]> | null,
): RunResult["load"] {
  const { bots, jobs, repeat } = scenario;
  const summary = `${describeLoad(scenario)}, ${playedText(scenario, sequential)}`;
  return { summary, bots: bots.count, jobs: jobs.count, repeat };
}

/** What a reader must know before believing the numbers. */
function loadWarnings(
  generator: RunResult["generator"],
  discarded: NonNullable<RunResult["discardedRounds"]>,
): string[] {
  const warnings: string[] = [];
  if (generator?.isBottleneck === true) {
    warnings.push(
      "the load generator itself was busy nearly all the time: rates and latencies may be its own, not the server's",
    );
  }
  warnings.push(...blurWarnings(generator));
  const rounds = new Set(discarded.map(({ round }) => round + 1));
  if (rounds.size > 0) {
    const list = [...rounds].join(", ");
    warnings.push(
      `the machine changed its speed: round ${list} of the run is left out of comparisons, with its pair`,
    );
  }
  return warnings;
}
