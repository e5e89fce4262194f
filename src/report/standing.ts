import type { Verdict } from "../checks/check.ts";
import type { StrategyResult } from "./result.ts";

/** How a strategy came out, in words. A control is there to be caught: its violations are the good news. */
export interface Standing {
  readonly text: "passed" | "VIOLATED" | "inconclusive" | "caught" | "NOT CAUGHT";
  /** Beside the text, so that neither colour nor case alone carries the meaning. */
  readonly symbol: string;
  readonly tone: Tone;
}

export type Tone = "good" | "bad" | "unsure";

export function standing(strategy: Pick<StrategyResult, "role" | "verdict">): Standing {
  if (strategy.role === "subject") return verdictStanding(strategy.verdict);
  return strategy.verdict === "violated"
    ? { text: "caught", symbol: "✓", tone: "good" }
    : { text: "NOT CAUGHT", symbol: "!", tone: "unsure" };
}

const verdictStandings: Readonly<Record<Verdict, Standing>> = {
  passed: { text: "passed", symbol: "✓", tone: "good" },
  violated: { text: "VIOLATED", symbol: "✗", tone: "bad" },
  inconclusive: { text: "inconclusive", symbol: "?", tone: "unsure" },
};

/** A check's or an expectation's. */
export function verdictStanding(verdict: Verdict): Standing {
  return verdictStandings[verdict];
}

/** The run's, where a missed expectation counts though every check passed. */
export function runStanding(run: {
  readonly verdict: Verdict;
  readonly expectations: readonly { readonly verdict: Verdict }[];
}):
  | Standing
  | { readonly text: "EXPECTATION MISSED"; readonly symbol: string; readonly tone: Tone } {
  const missed = run.expectations.some((expectation) => expectation.verdict === "violated");
  if (run.verdict === "passed" && missed) {
    return { text: "EXPECTATION MISSED", symbol: "✗", tone: "bad" };
  }
  return verdictStanding(run.verdict);
}
