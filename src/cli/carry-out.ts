import type { RunResult } from "../report/result.ts";
import { writeReports } from "../report/write.ts";
import { runScenario } from "../run/run-scenario.ts";
import type { RunRequest } from "../run/run-scenario.ts";
import { conclude } from "./conclude.ts";
import { coverRun } from "./run-coverage.ts";

/** A run that was judged and reported. */
export interface ConcludedRun {
  readonly result: RunResult;
  /** The run's own folder, which holds the history and the reports. */
  readonly folder: string;
}

/** Runs a plan, judges what was recorded and writes the reports. */
export async function carryOut(request: RunRequest): Promise<ConcludedRun> {
  const recorded = await runScenario(request);
  const { header, recorder, witness, folder } = recorded;
  const { coverage, warnings } = await coverRun(request, recorded);
  const result = conclude({
    header,
    events: recorder.table,
    witness,
    coverage,
    warnings: [...recorded.warnings, ...warnings],
  });
  await writeReports(folder.path, result);
  return { result, folder: folder.path };
}
