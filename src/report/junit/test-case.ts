import { unreachable } from "../../base/assert.ts";
import { caseSubject, eventTexts } from "../event-text.ts";
import { count } from "../number.ts";
import type {
  CheckResult,
  ExpectationResult,
  RunResult,
  StrategyResult,
  Violation,
} from "../result.ts";

export interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly outcome: Outcome;
  /** What a reader should know whatever the outcome; may be empty. */
  readonly output: string;
  /** 1-based, in the scenario file. */
  readonly line?: number | undefined;
}

export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "skipped"; readonly message: string }
  | {
      /** `failure`: what was asked for does not hold. `error`: nobody can tell. */
      readonly kind: "failure" | "error";
      readonly type: "Violated" | "Missed" | "Inconclusive" | "Interrupted";
      readonly message: string;
      readonly detail: string;
    };

/** Every case of a run, subjects first, as in the result. */
export function casesOf(result: RunResult): readonly TestCase[] {
  const scenario = dotless(result.scenario.name);
  return [
    ...result.strategies.flatMap((strategy) => strategyCases(strategy, scenario)),
    ...result.expectations.map((expectation) => expectationCase(expectation, scenario)),
    ...(result.interrupted ? [interruptedCase(result, scenario)] : []),
  ];
}

/** Servers cut a class name at its dots into packages. */
function dotless(name: string): string {
  return name.replaceAll(".", "_");
}

function strategyCases(strategy: StrategyResult, scenario: string): readonly TestCase[] {
  const className = `${scenario}.${dotless(strategy.name)}`;
  const skipped = strategy.notJudged.map(({ name, reason }): TestCase => ({
    name,
    className,
    outcome: { kind: "skipped", message: reason },
    output: "",
  }));
  if (strategy.role === "control") return [controlCase(strategy, className), ...skipped];
  if (strategy.checks.length > 0) {
    return [...strategy.checks.map((check) => checkCase(check, className)), ...skipped];
  }
  const message = `${strategy.name} was judged by no check`;
  return [{ name: "judged", className, outcome: inconclusive(message), output: "" }, ...skipped];
}

function checkCase(check: CheckResult, className: string): TestCase {
  return { name: check.name, className, outcome: checkOutcome(check), output: check.note ?? "" };
}

function checkOutcome(check: CheckResult): Outcome {
  switch (check.verdict) {
    case "passed":
      return { kind: "passed" };
    case "inconclusive":
      return inconclusive(`${check.property}: ${check.note ?? "it could not be judged"}`);
    case "violated":
      return {
        kind: "failure",
        type: "Violated",
        message: `violated ${count(check.count)} times: ${check.property}`,
        detail: check.evidence.map(evidenceText).join("\n\n"),
      };
    default:
      return unreachable(check.verdict);
  }
}

/** A control is there to be caught: by whatever check, so it is one case. */
function controlCase(strategy: StrategyResult, className: string): TestCase {
  const violated = strategy.checks.filter(({ verdict }) => verdict === "violated");
  const output = violated
    .map(({ name, count: times }) => `caught by ${name}, ${count(times)} times`)
    .join("\n");
  const message = `the control ${strategy.name} was not caught, so this run could not have caught a subject either`;
  const outcome: Outcome =
    strategy.verdict === "violated" ? { kind: "passed" } : inconclusive(message);
  return { name: "the control is caught", className, outcome, output };
}

function expectationCase(expectation: ExpectationResult, scenario: string): TestCase {
  const { text, verdict, actual, line } = expectation;
  const outcome: Outcome =
    verdict === "passed"
      ? { kind: "passed" }
      : verdict === "inconclusive"
        ? inconclusive(actual)
        : { kind: "failure", type: "Missed", message: actual, detail: text };
  const output = verdict === "passed" ? actual : "";
  return { name: text, className: `${scenario}.expect`, outcome, output, line };
}

function interruptedCase(result: RunResult, scenario: string): TestCase {
  const message = "the run was interrupted before its end; what was recorded until then is judged";
  const outcome: Outcome = { kind: "error", type: "Interrupted", message, detail: result.replay };
  return { name: "the run came to its end", className: scenario, outcome, output: "" };
}

function inconclusive(message: string): Outcome {
  return { kind: "error", type: "Inconclusive", message, detail: "" };
}

function evidenceText(violation: Violation): string {
  const subject = caseSubject(violation);
  const place = `round ${violation.round}${subject === "" ? "" : `, ${subject}`}`;
  const events = eventTexts(violation.events).map(({ at, who, what }) =>
    `  ${at.padEnd(10)} ${who.padEnd(8)} ${what}`.trimEnd(),
  );
  return [`${violation.summary} (${place})`, ...events].join("\n");
}
