/**
 * What `statements.ndjson` holds, one line each, beside the history of a run that was asked for it: when each statement
 * of a claim was sent and when its answer had come, on the clock of the history. What the statement did in the server, it
 * did at some moment in between.
 *
 * ```
 *   bot 3   sent ├──── lock ────┤ answered      ├─ mark ─┤   ├ commit ┤
 *   bot 4            ├──────────────── lock ───────────────────────────┤
 *                           ▲ looked: it waits for bot 3
 * ```
 */
export interface StatementsHeader {
  readonly format: "doubletake-statements";
  readonly version: 1;
}

/** One statement of a bot. Times are nanoseconds since the run began. */
export interface RecordedStatement {
  readonly bot: number;
  readonly from: number;
  readonly to: number;
  /** "find": the step of the strategy; or what the text begins with: "begin", "commit", "rollback". */
  readonly name: string;
  /** Rows returned or affected; absent where there was an error. */
  readonly rows?: number | undefined;
  /** `job_id` of the first row, where there is one. */
  readonly job?: number | undefined;
  /** SQLSTATE or network error. */
  readonly code?: string | undefined;
}

/** Somebody looked, at some moment from `from` to `to`: the bot's statement waited for locks of these bots. */
export interface RecordedWait {
  readonly bot: number;
  readonly from: number;
  readonly to: number;
  readonly waitsFor: readonly number[];
}

export const statementsFile = "statements.ndjson";
