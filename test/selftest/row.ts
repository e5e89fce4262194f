import type { StrategyJudgement } from "../../src/checks/judge.ts";
import type { TestDatabase } from "../setup/database.ts";

/** One line of the mutation table: something wrong that a check must catch, or something right that none may accuse. */
export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** The name of the check that must catch it; null: it is right. */
  readonly caughtBy: string | null;
  /** How often it is run at most until it is caught: a race is not lost every time. Absent: once. */
  readonly tries?: number;
  /** Takes a second or so, and is run by `npm run selftest` only. Absent: it does not. */
  readonly isSlow?: boolean;
  /** Runs it and judges what was recorded. The tables of `database` are its own for that time. */
  readonly run: (database: TestDatabase) => Promise<StrategyJudgement>;
}

/** What is wrong, or right: how jobs are claimed, what happens to them then, what was written down, what is refused. */
export type Kind = "strategy" | "lifecycle" | "history" | "constraints";

/** `text` with `from`, which must stand in it, replaced wherever it does. */
export function mutated(text: string, ...changes: readonly Change[]): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from))
      throw new Error(`there is no "${from}" to replace in:\n${changed}`);
    return changed.replaceAll(from, to);
  }, text);
}

export type Change = readonly [from: string, to: string];
