import { nsPerMs } from "../base/clock.ts";
import { collectEvidence } from "../checks/evidence.ts";
import { judgeStrategy } from "../checks/judge.ts";
import type { EventTable } from "../history/event-table.ts";
import type { PhaseDetail, RoundDetail } from "../history/event.ts";
import type { HistoryHeader } from "../history/header.ts";
import { looksOf, planUntilStopped } from "../history/looks.ts";
import type { Witness } from "../history/witness.ts";
import type { RunCoverage } from "./run-coverage.ts";
import type { RunResult } from "../report/result.ts";
import { summarize } from "../report/summarize.ts";

/** What is judged: a run that has just ended, or one that lies on disk. */
export interface RecordedHistory {
  readonly header: HistoryHeader;
  readonly events: EventTable;
  /** Null: nothing made the database tell, or what it told cannot be read. */
  readonly witness: Witness | null;
  readonly warnings: readonly string[];
  /** Which orders were visited, by strategy; absent: nobody looked. */
  readonly coverage?: RunCoverage | undefined;
}

/** From what was recorded to the result: the same whether the run has just ended or lies on disk. */
export function conclude({
  events,
  witness,
  warnings,
  coverage,
  ...recorded
}: RecordedHistory): RunResult {
  const looks = looksOf(events);
  const plan = planUntilStopped(recorded.header.plan, looks);
  const header = { ...recorded.header, plan };
  const strategies = collectEvidence(header, events, witness).map((evidence) => ({
    evidence,
    judgement: judgeStrategy(evidence),
  }));
  return summarize({
    header,
    strategies,
    durationMs: events.length === 0 ? 0 : events.t(events.length - 1) / nsPerMs,
    interrupted: wasInterrupted(header, events),
    looks,
    coverage,
    warnings: [...warnings, ...leftOutWarnings(header)],
    replay: header.replay ?? `npx doubletake run ${header.plan.scenario.file}`,
  });
}

/** By Ctrl-C, a signal, an error or the end of the process: not every planned round came to its end. */
function wasInterrupted({ plan }: HistoryHeader, events: EventTable): boolean {
  const rounds = { begin: 0, end: 0 };
  for (let i = 0; i < events.length; i++) {
    const op = events.op(i);
    if (op !== "round" && op !== "phase") continue;
    const detail = events.detail(i) as RoundDetail | PhaseDetail;
    if ("note" in detail && detail.note === "interrupted") return true;
    if (op === "round") rounds[detail.event]++;
  }
  return rounds.begin > 0 && rounds.end < plan.rounds.length;
}

/** Expectations about a strategy that `--strategy` put another in the place of. */
function leftOutWarnings({ plan }: HistoryHeader): string[] {
  const leftOut = plan.scenario.leftOut ?? [];
  return leftOut.map(({ text }) => `not expected of this run, which has other strategies: ${text}`);
}
