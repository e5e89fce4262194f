import { count } from "./number.ts";
import type { CheckResult, ExpectationResult, StrategyResult } from "./result.ts";

/**
 * The verdict in one sentence, worst first: what the subjects did that they must not, what kept the run from judging,
 * which expectations it missed; and what the control did, without which the rest proves nothing.
 */
export function headline(
  strategies: readonly StrategyResult[],
  expectations: readonly ExpectationResult[] = [],
): string {
  const subjects = strategies.filter((strategy) => strategy.role === "subject");
  const controls = strategies.filter((strategy) => strategy.role === "control");
  const parts = [
    ...subjects.filter((subject) => subject.verdict === "violated").map(violation),
    ...controls.filter((control) => control.verdict !== "violated").map(uncaught),
    ...expectations.filter((expectation) => expectation.verdict !== "passed").map(missed),
    ...subjects.filter((subject) => subject.verdict === "inconclusive").map(doubt),
    ...passes(subjects.filter((subject) => subject.verdict === "passed")),
    ...catches(controls.filter((control) => control.verdict === "violated")),
  ];
  return parts.length === 0 ? "Nothing was judged." : `${parts.join("; ")}.`;
}

function violation(subject: StrategyResult): string {
  const others = violated(subject).filter((check) => check.name !== "single-grant");
  const { duplicates } = subject.claims;
  if (duplicates === 0) return `${subject.name} violated ${listed(others)}`;
  const more = others.length === 0 ? "" : `, and violated ${listed(others)}`;
  return `${subject.name} ${gaveTwice(subject)}${more}`;
}

/** Of more than this that all did the same, names would bury what the sentence says. */
const mostNamed = 3;

function passes(subjects: readonly StrategyResult[]): readonly string[] {
  if (subjects.length <= mostNamed) return subjects.map(pass);
  const granted = subjects.reduce((sum, { claims }) => sum + claims.granted, 0);
  const all = `${subjects.length} strategies gave no job twice in ${count(granted)} claims`;
  return [`${all}${underFaults(subjects.flatMap(({ faults }) => faults))}`];
}

function catches(controls: readonly StrategyResult[]): readonly string[] {
  if (controls.length <= mostNamed) return controls.map(caught);
  return [`${controls.length} controls were caught`];
}

function pass(subject: StrategyResult): string {
  const { name, claims, faults } = subject;
  return `${name} gave no job twice in ${count(claims.granted)} claims${underFaults(faults)}`;
}

function underFaults(faults: StrategyResult["faults"]): string {
  const hits = faults.reduce((sum, fault) => sum + fault.hit, 0);
  return hits === 0 ? "" : ` while faults hit ${times(hits)}`;
}

function doubt(subject: StrategyResult): string {
  const [first, ...others] = subject.checks.filter((check) => check.verdict === "inconclusive");
  if (first === undefined) return `${subject.name} was judged by no check`;
  const reason = first.note === undefined ? "" : ` (${first.note})`;
  const more = others.length === 0 ? "" : `, nor could ${others.length} more`;
  return `${first.name} could not judge ${subject.name}${reason}${more}`;
}

function caught(control: StrategyResult): string {
  const what =
    control.claims.duplicates > 0
      ? gaveTwice(control)
      : `was caught by ${listed(violated(control))}`;
  return `${control.name}, the control, ${what}`;
}

function uncaught(control: StrategyResult): string {
  return `${control.name}, the control, was not caught, so this run could not have caught a subject either`;
}

function missed({ text, verdict, actual }: ExpectationResult): string {
  return `${text} ${verdict === "violated" ? "was missed" : "could not be judged"} (${actual})`;
}

function gaveTwice({ claims }: StrategyResult): string {
  return `gave a job twice ${times(claims.duplicates)}`;
}

function violated(strategy: StrategyResult): readonly CheckResult[] {
  return strategy.checks.filter((check) => check.verdict === "violated");
}

/** `drained (3), nothing-lost (1)`. */
function listed(checks: readonly CheckResult[]): string {
  return checks.map((check) => `${check.name} (${count(check.count)})`).join(", ");
}

function times(number: number): string {
  return number === 1 ? "once" : `${count(number)} times`;
}
