import type { Verdict } from "../checks/check.ts";
import type { RunResult, StrategyResult } from "../report/result.ts";
import type { ChangeResult, Decision } from "./comparison-result.ts";
import type { ComparedScenario } from "./compared-scenario.ts";

/** What a property came out as over all runs of a side; `absent`: nothing judged it. */
type Outcome = Verdict | "absent";

export interface CorrectnessComparison {
  readonly changes: readonly ChangeResult[];
  /** Properties that came out the same. */
  readonly unchanged: number;
}

/** The verdicts of a scenario's two sides: of every check of a subject, of every control, of every expectation. */
export function compareCorrectness(scenario: ComparedScenario): CorrectnessComparison {
  const before = outcomesOf(scenario.baseline.map(({ result }) => result));
  const now = outcomesOf(scenario.current.map(({ result }) => result));
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  const compared = keys.map((key) => changeOf(scenario.name, before.get(key), now.get(key)));
  const changes = compared.filter((change) => change.baseline !== change.current);
  return { changes, unchanged: compared.length - changes.length };
}

interface Judged extends Pick<ChangeResult, "strategy" | "property" | "kind"> {
  readonly outcome: Outcome;
}

function outcomesOf(results: readonly RunResult[]): ReadonlyMap<string, Judged> {
  const found = new Map<string, Judged>();
  for (const judged of results.flatMap(judgedOf)) {
    const key = [judged.kind, judged.strategy, judged.property].join("\n");
    const outcome = worseOutcome(found.get(key)?.outcome ?? "passed", judged.outcome);
    found.set(key, { ...judged, outcome });
  }
  return found;
}

function judgedOf({ strategies, expectations }: RunResult): Judged[] {
  return [
    ...strategies.flatMap(judgedOfStrategy),
    ...expectations.map(({ text, verdict }) => ({
      strategy: text.split(".")[0] ?? "",
      property: text,
      kind: "expectation" as const,
      outcome: verdict,
    })),
  ];
}

/** A control is there to be caught, by whichever check: caught is what passes for it. */
function judgedOfStrategy({ name, role, verdict, checks }: StrategyResult): Judged[] {
  if (role === "control") {
    const outcome = verdict === "violated" ? "passed" : "inconclusive";
    return [{ strategy: name, property: "is caught", kind: "control", outcome }];
  }
  return checks.map((check) => ({
    strategy: name,
    property: check.name,
    kind: "check" as const,
    outcome: check.verdict,
  }));
}

const severity: readonly Outcome[] = ["passed", "inconclusive", "violated"];

function worseOutcome(one: Outcome, other: Outcome): Outcome {
  return severity.indexOf(one) >= severity.indexOf(other) ? one : other;
}

function changeOf(
  scenario: string,
  before: Judged | undefined,
  now: Judged | undefined,
): ChangeResult {
  const { strategy, property, kind } = (now ?? before) as Judged;
  const [baseline, current] = [before?.outcome ?? "absent", now?.outcome ?? "absent"];
  const decision = decide(baseline, current);
  return { scenario, strategy, property, kind, baseline, current, decision };
}

/** A property that is no longer judged is not known to hold: that is no improvement, and no sameness. */
function decide(baseline: Outcome, current: Outcome): Decision {
  if (baseline === current) return "same";
  if (current === "violated") return "worse";
  if (current === "absent" || current === "inconclusive") return "inconclusive";
  return baseline === "absent" ? "same" : "better";
}
