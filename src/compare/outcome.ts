import type {
  ChangeResult,
  ComparedResult,
  ComparisonDocument,
  Decision,
} from "./comparison-result.ts";

type Outcome = Pick<ComparisonDocument, "verdict" | "exitCode" | "headline">;

/** The exit codes of the command line: a property was violated, a bound was missed, nothing can be told. */
const exitCodes = { violated: 1, inconclusive: 2, regression: 3, none: 0 } as const;

/** What all comparisons come to. Those that are advisory are told, and decide nothing. */
export function outcomeOf(
  changes: readonly ChangeResult[],
  comparisons: readonly ComparedResult[],
  missingScenarios: readonly string[],
): Outcome {
  const gating = decided(comparisons.filter(({ advisory }) => !advisory));
  const decisions = [...changes, ...gating].map(({ decision }) => decision);
  if (missingScenarios.length > 0) decisions.push("inconclusive");
  const verdict = worstOf(decisions);
  const isViolated = changes.some(({ kind, decision }) => kind === "check" && decision === "worse");
  return {
    verdict,
    exitCode: exitCodeOf(verdict, isViolated),
    headline: headline(verdict, { changes, gating, missingScenarios }),
  };
}

/**
 * Some numbers always scatter too much to be told apart, a p99 most of all: they decide nothing as long as others are
 * clear. Where none is, nothing was measured, and that is not sameness.
 */
function decided(gating: readonly ComparedResult[]): readonly ComparedResult[] {
  const clear = gating.filter(({ decision }) => decision !== "inconclusive");
  return clear.length > 0 ? clear : gating;
}

function worstOf(decisions: readonly Decision[]): Decision {
  const order: readonly Decision[] = ["worse", "inconclusive", "better"];
  return order.find((decision) => decisions.includes(decision)) ?? "same";
}

function exitCodeOf(verdict: Decision, isViolated: boolean): number {
  if (isViolated) return exitCodes.violated;
  if (verdict === "worse") return exitCodes.regression;
  return verdict === "inconclusive" ? exitCodes.inconclusive : exitCodes.none;
}

interface Parts {
  readonly changes: readonly ChangeResult[];
  readonly gating: readonly ComparedResult[];
  readonly missingScenarios: readonly string[];
}

const leads: Readonly<Record<Decision, string>> = {
  worse: "worse: ",
  inconclusive: "cannot be told: ",
  better: "nothing is worse, and better: ",
  same: "no difference that matters",
};

function headline(verdict: Decision, { changes, gating, missingScenarios }: Parts): string {
  if (verdict === "same") return leads.same;
  const names = [
    ...changes.filter(({ decision }) => decision === verdict).map(changeName),
    ...gating.filter(({ decision }) => decision === verdict).map(metricOf),
    ...(verdict === "inconclusive" ? missingScenarios : []),
  ];
  return leads[verdict] + names.join(", ");
}

function changeName({ strategy, property, kind }: ChangeResult): string {
  return kind === "expectation" ? property : `${property} of ${strategy}`;
}

function metricOf({ strategy, metric }: ComparedResult): string {
  return `${metric} of ${strategy}`;
}
