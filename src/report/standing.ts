import type { Verdict } from "../checks/check.ts";
import type { StrategyResult } from "./result.ts";

/** How a strategy came out, in words. A control is there to be caught: its violations are the good news. */
export interface Standing {
  /** `passed`, `VIOLATED`, `caught`; what a reader must act on is in capitals. */
  readonly text: string;
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

/** The run's, where an expectation counts though every check passed. */
export function runStanding(run: {
  readonly verdict: Verdict;
  readonly expectations: readonly { readonly verdict: Verdict }[];
}): Standing {
  if (run.verdict !== "passed") return verdictStanding(run.verdict);
  const verdicts = new Set(run.expectations.map((expectation) => expectation.verdict));
  if (verdicts.has("violated")) return { text: "EXPECTATION MISSED", symbol: "✗", tone: "bad" };
  if (verdicts.has("inconclusive")) {
    return { text: "EXPECTATION NOT JUDGED", symbol: "?", tone: "unsure" };
  }
  return verdictStanding("passed");
}
