import { count } from "../number.ts";
import type { CheckResult, RunResult, StrategyResult } from "../result.ts";

/** GitHub keeps ten annotations of a kind from a step, and drops what comes after without a word. */
const mostAnnotations = 10;

export interface Annotation {
  readonly title: string;
  readonly message: string;
  /** 1-based, in the scenario file. */
  readonly line: number;
}

/**
 * What a reader of the workflow must see, worst first: violations of subjects, controls that were not caught, missed
 * expectations, checks that could not judge. At most ten; the last one says how many more there are.
 * `scenarioText`: the scenario file, to point at its lines; undefined where it is not there any more.
 */
export function annotationsOf(
  result: RunResult,
  scenarioText: string | undefined,
): readonly Annotation[] {
  const lines = new ScenarioLines(scenarioText);
  const subjects = result.strategies.filter(({ role }) => role === "subject");
  const all = [
    ...subjects.flatMap((subject) => checkAnnotations(subject, "violated", lines)),
    ...result.strategies.filter(isUncaught).map((control) => uncaught(control, lines)),
    ...result.expectations.flatMap((expectation) => expectationAnnotations(expectation, lines)),
    ...subjects.flatMap((subject) => checkAnnotations(subject, "inconclusive", lines)),
    ...(result.interrupted ? [interrupted(result)] : []),
  ];
  if (all.length <= mostAnnotations) return all;
  const shown = all.slice(0, mostAnnotations - 1);
  const left = all.length - shown.length;
  const message = `${left} more findings; the report has them all`;
  return [...shown, { title: result.scenario.name, message, line: 1 }];
}

/** `::error file=…,line=…,title=…::…`: a command to the runner, whose separators are escaped in what it carries. */
export function annotationLine(file: string, { title, message, line }: Annotation): string {
  const place = `file=${property(file)},line=${line},title=${property(title)}`;
  return `::error ${place}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function checkAnnotations(
  strategy: StrategyResult,
  verdict: "violated" | "inconclusive",
  lines: ScenarioLines,
): readonly Annotation[] {
  return strategy.checks
    .filter((check) => check.verdict === verdict)
    .map((check) => ({
      title: `${strategy.name}: ${check.name} ${verdict}`,
      message: checkMessage(check),
      line: lines.of(strategy.name),
    }));
}

function checkMessage({ verdict, property: held, count: times, evidence, note }: CheckResult) {
  if (verdict === "inconclusive") return `${held}: ${note ?? "it could not be judged"}`;
  const [first] = evidence;
  const example = first === undefined ? "" : `\nFor example: ${first.summary}`;
  return `broken ${count(times)} times: ${held}${example}`;
}

function isUncaught({ role, verdict }: StrategyResult): boolean {
  return role === "control" && verdict !== "violated";
}

function uncaught({ name }: StrategyResult, lines: ScenarioLines): Annotation {
  const message = `the control ${name} was not caught, so this run could not have caught a subject either`;
  return { title: `${name}: not caught`, message, line: lines.of(name) };
}

function expectationAnnotations(
  { text, verdict, actual, line }: RunResult["expectations"][number],
  lines: ScenarioLines,
): readonly Annotation[] {
  if (verdict === "passed") return [];
  const title = verdict === "violated" ? "expectation missed" : "expectation not judged";
  return [{ title, message: `${text}: ${actual}`, line: line ?? lines.of(text) }];
}

function interrupted({ scenario }: RunResult): Annotation {
  const message = "the run was interrupted before its end; what was recorded until then is judged";
  return { title: `${scenario.name}: interrupted`, message, line: 1 };
}

/** Where the scenario file speaks of something: the first line that has it as a word of its own, else the first line. */
class ScenarioLines {
  readonly #lines: readonly string[];

  constructor(text = "") {
    this.#lines = text.split(/\r?\n/);
  }

  of(name: string): number {
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const word = new RegExp(String.raw`(?<![\w./-])${escaped}(?![\w/-])`);
    const isTalk = /^\s*(#|name:|description:)/;
    const found = this.#lines.findIndex((line) => !isTalk.test(line) && word.test(line));
    return found === -1 ? 1 : found + 1;
  }
}
