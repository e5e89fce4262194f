import { monotonicMs } from "../../src/base/clock.ts";
import type { StrategyJudgement } from "../../src/checks/judge.ts";
import type { TestDatabase } from "../setup/database.ts";
import type { Row } from "./row.ts";

/**
 * `caught`: the check that must find it did. `missed`: it did not. `clean`: right, judged, and accused by none.
 * `accused`: right, and accused all the same. `not judged`: right, and nobody looked.
 */
export type RowOutcome = "caught" | "missed" | "clean" | "accused" | "not judged";

export interface RowResult {
  readonly row: Row;
  readonly outcome: RowOutcome;
  /** The checks that were violated, in the order of the registry. */
  readonly violated: readonly string[];
  /** How often it was run, and how long until its last judgement, milliseconds. */
  readonly tries: number;
  readonly durationMs: number;
}

/** Runs one row until its check has caught it, at most as often as it says. */
export async function runRow(row: Row, database: TestDatabase): Promise<RowResult> {
  const startedAtMs = monotonicMs();
  for (let tries = 1; ; tries++) {
    const judgement = await row.run(database);
    const outcome = outcomeOf(row, judgement);
    if (outcome === "missed" && tries < (row.tries ?? 1)) continue;
    const violated = namesOf(judgement, "violated");
    return { row, outcome, violated, tries, durationMs: monotonicMs() - startedAtMs };
  }
}

export function isFailure({ outcome }: RowResult): boolean {
  return outcome !== "caught" && outcome !== "clean";
}

/** A line for people, of columns. */
export function rowText({ row, outcome, violated, tries, durationMs }: RowResult): string {
  const others = violated.filter((name) => name !== row.caughtBy);
  const more = [
    ...(others.length === 0
      ? []
      : [`${row.caughtBy === null ? "by" : "also"} ${others.join(", ")}`]),
    ...(tries === 1 ? [] : [`in ${tries} tries`]),
  ];
  const time = `${durationMs.toFixed(0)} ms`;
  const cells = [
    outcome.padEnd(10),
    row.kind.padEnd(11),
    (row.caughtBy ?? "-").padEnd(21),
    time.padStart(8),
    row.name,
  ];
  return `${cells.join("  ")}${more.length === 0 ? "" : ` (${more.join("; ")})`}`;
}

export const headingText =
  "outcome     kind         check                      time  what is wrong, or right";

export function summaryText(results: readonly RowResult[]): string {
  const count = (outcome: RowOutcome): number =>
    results.filter((result) => result.outcome === outcome).length;
  const wrong = results.filter(({ row }) => row.caughtBy !== null).length;
  const right = results.length - wrong;
  return (
    `${wrong} wrong: ${count("caught")} caught, ${count("missed")} missed; ` +
    `${right} right: ${count("clean")} clean, ${count("accused")} falsely accused, ${count("not judged")} not judged`
  );
}

/** It speaks of the run, not of the queue: what it finds makes a verdict inconclusive. */
const neverAccuses = "enough-evidence";

function outcomeOf({ caughtBy }: Row, judgement: StrategyJudgement): RowOutcome {
  const violated = namesOf(judgement, "violated");
  if (caughtBy !== null) {
    const found = caughtBy === neverAccuses ? namesOf(judgement, "inconclusive") : violated;
    return found.includes(caughtBy) ? "caught" : "missed";
  }
  if (violated.length > 0) return "accused";
  return namesOf(judgement, "passed").length > 0 ? "clean" : "not judged";
}

function namesOf({ checks }: StrategyJudgement, verdict: StrategyJudgement["verdict"]): string[] {
  return checks.filter((check) => check.verdict === verdict).map(({ name }) => name);
}
