import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClock } from "../../src/base/clock.ts";
import type { Clock } from "../../src/base/clock.ts";
import { faults } from "../../src/chaos/faults.ts";
import { collectEvidence } from "../../src/checks/evidence.ts";
import { judgeStrategy } from "../../src/checks/judge.ts";
import type { StrategyJudgement } from "../../src/checks/judge.ts";
import { EventTable } from "../../src/history/event-table.ts";
import type { Recorder } from "../../src/history/recorder.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Environment } from "../../src/run/environment.ts";
import { runRound } from "../../src/run/round.ts";
import { readScenario } from "../../src/scenario/read-scenario.ts";
import type { Strategy } from "../../src/service/strategy.ts";
import { openRunWitness } from "../../src/service/witness/run-witness.ts";
import type { RunWitness } from "../../src/service/witness/run-witness.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import type { TestDatabase } from "../setup/database.ts";

export interface Race {
  /** What a scenario file says of bots, jobs, load and faults. */
  readonly scenario: string;
  readonly constraints: boolean;
  /** Absent: two seconds. Shorter where the strategy is known to get nowhere. */
  readonly loadMs?: number;
}

/** All bots claim at the same moment, wave after wave. */
export const barrier = `
jobs: { count: 8 }
bots: { count: 8 }
load: { kind: rounds, waves: 2 }`;

/** Bots that take one job after the other until there are none. */
export const drain = `
jobs: { count: 24 }
bots: { count: 4 }
load: { kind: drain }`;

/** Many bots for many jobs, one after the other: for races that are seldom lost. */
export const crowd = `
jobs: { count: 120 }
bots: { count: 10 }
load: { kind: drain }`;

/** Jobs that are held for longer than it takes to look twice whether jobs and bots agree. */
export const slowWork = `
jobs: { count: 8, work: 150ms }
bots: { count: 4 }
load: { kind: drain }`;

/** Jobs of a few keys, each of which is to be done one at a time. */
export const sharedKeys = `
jobs: { count: 24, keys: 3, work: 2ms }
bots: { count: 6 }
load: { kind: drain }`;

/** Half of all work fails, and is tried again a while later. */
export const failingWork = `
jobs: { count: 12, failing: 0.5, maxAttempts: 20 }
bots: { count: 4 }
retry: { base: 100ms, cap: 200ms, jitter: 0.5 }
load: { kind: drain }`;

/** A bot that is gone points at the oldest pending job. */
export const poisonedHead = `
jobs: { count: 20 }
bots: { count: 4 }
load: { kind: drain }
faults:
  - { fault: bot-points-at-pending, from: 0s }`;

/** The same as `drain`, while backends die in the middle of their transactions and elsewhere. */
export const underKills = `
jobs: { count: 120, work: 1ms }
bots: { count: 6 }
load: { kind: drain }
faults:
  - { fault: kill-connection, state: mid-transaction, every: 25ms }
  - { fault: kill-connection, state: any, every: 40ms }`;

/** One round of a real run, on the bots' and the conductor's own code, judged by every check. */
export async function race(
  database: TestDatabase,
  strategy: Strategy,
  options: Race,
): Promise<StrategyJudgement> {
  const plan = planOf(strategy, options);
  const [planned] = plan.rounds;
  if (planned === undefined) throw new Error("the plan has no round");
  const clock = startClock();
  const recorder = inMemory(clock);
  const folder = mkdtempSync(join(tmpdir(), "doubletake-selftest-"));
  try {
    await using witness = await audit(database, clock, join(folder, "witness.ndjson"));
    await runRound({
      scenario: plan.scenario,
      planned,
      strategy,
      environment: environmentOf(database),
      recorder,
      witness,
      signal: new AbortController().signal,
      onPhase: () => undefined,
    });
    const header = { ...new HistoryBuilder().header(), plan };
    const [evidence] = collectEvidence(header, recorder.table, witness?.witness ?? null);
    if (evidence === undefined) throw new Error("the race was not recorded");
    return judgeStrategy(evidence);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The server's log is shared with other tests; triggers are this schema's own. */
async function audit(
  { control }: TestDatabase,
  clock: Clock,
  file: string,
): Promise<RunWitness | null> {
  return await openRunWitness({ mode: "audit", control, capabilities: new Set(), clock, file });
}

/** One round of one strategy, whatever its name: the one that the scenario names is only a stand-in. */
function planOf(strategy: Strategy, { scenario, constraints, loadMs = 2000 }: Race): Plan {
  const text = `name: selftest
strategies: { subjects: [skip-locked] }
deadlines: { load: ${loadMs}ms, drain: 2s }
${scenario}
`;
  const plan = makePlan(readScenario({ file: "selftest.yaml", text }, faults));
  const rounds = plan.rounds.map((round) => ({ ...round, strategy: strategy.name, constraints }));
  return { ...plan, rounds };
}

function environmentOf({ address, control }: TestDatabase): Environment {
  return {
    postgres: {
      kind: "existing",
      description: "shared",
      version: "",
      address,
      schema: control.schema,
      capabilities: new Set(["terminate-backends"]),
      stop: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    },
    control,
    botAddress: address,
    link: (name) => {
      throw new Error(`there is no link ${name} here`);
    },
    addLink: async () => null,
    facts: new HistoryBuilder().header().environment,
    capabilities: new Set(["terminate-backends"]),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function inMemory(clock: Clock): Recorder {
  const table = new EventTable();
  return {
    table,
    clock,
    failing: new AbortController().signal,
    record: (observation) => table.pushAt(observation.t ?? clock.now(), observation),
    flush: async () => undefined,
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
