import type { Clock } from "../base/clock.ts";
import type { RecordedStatement, RecordedWait } from "../history/statements.ts";
import type { PlannedRound } from "../plan/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { BotClocks } from "../service/bot-clocks.ts";
import type { Strategy } from "../service/strategy.ts";
import type { Target } from "../targets/target.ts";
import type { Environment } from "./environment.ts";

export interface StageOptions {
  readonly scenario: Scenario;
  readonly planned: PlannedRound;
  /** Null: the round plays a service that brings its own. */
  readonly strategy: Strategy | null;
  readonly environment: Environment;
  readonly clocks: BotClocks;
  /** Where the statements of claims are noted; absent: they are not. */
  readonly statements?: StatementNotes | undefined;
  readonly signal: AbortSignal;
  readonly onConnection: (
    bot: number | null,
    event: "opened" | "lost" | "refused",
    code?: string,
  ) => void;
}

/** Takes down when the statements of claims were sent and answered. */
export interface StatementNotes {
  readonly clock: Clock;
  readonly note: (line: RecordedStatement | RecordedWait) => void;
}

/** What a round plays on: the system under test, and what it stands on. Closed when the round has been verified. */
export interface Stage extends AsyncDisposable {
  readonly target: Target;
  /** Empty tables, as new; or whatever a service of somebody else's has instead. */
  clear(): Promise<void>;
  /** Makes the bots known, and holds the strategy against the tables. */
  prepare(): Promise<void>;
  /** Fresh statistics, so that every round starts with the same plans. */
  settle(): Promise<void>;
}
