import { HarnessError } from "../../base/harness-error.ts";
import type { EventTable } from "../../history/event-table.ts";
import type { ClaimSqlText, HistoryHeader } from "../../history/header.ts";
import { roundsOf } from "../../history/rounds.ts";
import type { RecordedStatements } from "../../history/statement-reader.ts";
import type { Strategy } from "../../service/strategy.ts";
import { claimsOf } from "./run-claims.ts";
import type { RunClaim } from "./run-claims.ts";

/** A run whose statements were noted. */
export interface RecordedRun {
  /** The path, as the user gave it. */
  readonly path: string;
  readonly header: HistoryHeader;
  readonly events: EventTable;
  readonly statements: RecordedStatements;
}

/** What a run has of one strategy. */
export interface StrategyRounds {
  /** With `sql/constraints.sql`. */
  readonly constraints: boolean;
  /** The claims of each round, by when they began. */
  readonly rounds: readonly (readonly RunClaim[])[];
}

/** The strategies that a run played, as they were named there. */
export function strategiesOf({ header }: RecordedRun): readonly string[] {
  return [...new Set(header.plan.rounds.map(({ strategy }) => strategy))];
}

/** HarnessError (usage) where the run did not play the strategy, or played one of that name that claims otherwise. */
export function roundsOfStrategy(
  run: RecordedRun,
  reference: string,
  strategy: Strategy,
): StrategyRounds {
  const played = run.header.claimSql?.[reference];
  if (played === undefined) {
    const what = `the run did not play "${reference}"`;
    const hint = `it played ${strategiesOf(run).join(", ")}`;
    throw new HarnessError({ kind: "usage", what, where: run.path, hint });
  }
  if (!isSame(played, strategy)) {
    const what = `"${reference}" claims otherwise today than in the run: its statements were others`;
    const hint = "run it again with --coverage: orders of other statements say nothing about these";
    throw new HarnessError({ kind: "usage", what, where: run.path, hint });
  }
  const windows = roundsOf(run.events).filter((window) => window.strategy === reference);
  return {
    constraints: windows.some(({ constraints }) => constraints),
    rounds: windows.map((window) => claimsOf(window, run.statements)),
  };
}

function isSame(played: ClaimSqlText, { transaction, steps }: Strategy): boolean {
  const now = steps.map(({ name, sql }) => ({ name, sql }));
  return played.transaction === transaction && JSON.stringify(played.steps) === JSON.stringify(now);
}
