import { collectEvidence } from "../checks/evidence.ts";
import { judgeStrategy } from "../checks/judge.ts";
import type { EventTable } from "../history/event-table.ts";
import type { HistoryHeader } from "../history/header.ts";
import type { RunResult } from "../report/result.ts";
import { summarize } from "../report/summarize.ts";

export interface RecordedHistory {
  readonly header: HistoryHeader;
  readonly events: EventTable;
  readonly interrupted: boolean;
  readonly warnings: readonly string[];
}

/** From what was recorded to the result: the same whether the run has just ended or lies on disk. */
export function conclude({ header, events, interrupted, warnings }: RecordedHistory): RunResult {
  const strategies = collectEvidence(header, events).map((evidence) => ({
    evidence,
    judgement: judgeStrategy(evidence),
  }));
  return summarize({
    header,
    strategies,
    durationMs: events.length === 0 ? 0 : events.t(events.length - 1) / 1e6,
    interrupted,
    warnings,
    replay: replayCommand(header),
  });
}

/** The command that does the run again with the same plan. */
function replayCommand({ plan }: HistoryHeader): string {
  return `npx doubletake run ${plan.scenario.file} --seed ${plan.seed}`;
}
