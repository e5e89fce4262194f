import { faults } from "../chaos/faults.ts";
import { collectEvidence } from "../checks/evidence.ts";
import { judgeStrategy } from "../checks/judge.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { RunResult } from "../report/result.ts";
import { summarize } from "../report/summarize.ts";
import { runScenario } from "../run/run-scenario.ts";
import type { RecordedRun, RunWatcher } from "../run/run-scenario.ts";
import { readScenario } from "../scenario/read-scenario.ts";

const seed = 1;

export interface Played {
  readonly run: RecordedRun;
  readonly result: RunResult;
}

/** A whole run and its judgement, as `doubletake run` does them, but for the reports. `out`: where its folder is made. */
export async function playScenario(
  text: string,
  out: string,
  watcher: RunWatcher = nobody,
): Promise<Played> {
  const plan = makePlan(readScenario({ file: "bench.yaml", text }, faults), seed);
  const { signal } = new AbortController();
  const run = await runScenario({ plan, out, replay: "", signal, watcher });
  const { header, recorder, witness, durationMs, interrupted, warnings } = run;
  const strategies = collectEvidence(header, recorder.table, witness).map((evidence) => ({
    evidence,
    judgement: judgeStrategy(evidence),
  }));
  const parts = { header, strategies, durationMs, interrupted, warnings, replay: "" };
  return { run, result: summarize(parts) };
}

const nobody: RunWatcher = {
  environmentStarted() {},
  roundStarted() {},
  phaseStarted() {},
};
