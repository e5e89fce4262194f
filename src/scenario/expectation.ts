import { nearest } from "./nearest.ts";

/** `skip-locked.claimsPerSecond >= 2 * naive.claimsPerSecond`, taken apart. */
export interface Expectation {
  readonly text: string;
  readonly left: MetricReference;
  readonly operator: Operator;
  readonly right: Bound;
}

export interface MetricReference {
  /** As in reports: a name, or a file's base name. */
  readonly strategy: string;
  readonly metric: string;
}

export type Bound =
  /** In the unit of the metric: milliseconds, per second, or a plain number. */
  | { readonly kind: "number"; readonly value: number }
  | ({
      readonly kind: "metric";
      readonly factor: number;
      /** The number of an earlier run, which `--baseline` names. */
      readonly ofBaseline?: true;
    } & MetricReference);

/** `baseline.toClaim.p99`: the left side's strategy in the baseline. `baseline.naive.toClaim.p99`: another one there. */
const baselineName = "baseline";

const operators = ["<=", ">=", "==", "!=", "<", ">"] as const;
export type Operator = (typeof operators)[number];

export type ParsedExpectation =
  | { readonly ok: true; readonly expectation: Expectation }
  | { readonly ok: false; readonly what: string; readonly hint: string };

/** What a metric is measured in; only like can be compared with like. */
export type Dimension = "time" | "rate" | "number";

const latencies = ["service", "response", "toClaim", "pickUp"];
const quantities = ["p50", "p90", "p95", "p99", "p999", "max", "mean"];
const claimCounts = [
  "granted",
  "empty",
  "falseEmpty",
  "conflicts",
  "failed",
  "unknown",
  "duplicates",
];
const costs = ["statements", "roundTrips", "walBytes", "buffers"];

/** Every metric an expectation can name: a path into a strategy's part of result.json, latencies without `latencyMs`. */
export const metrics: ReadonlyMap<string, Dimension> = new Map([
  ["claimsPerSecond", "rate"],
  ["attemptsPerClaim", "number"],
  ["inconsistencies", "number"],
  ...claimCounts.map((name) => [`claims.${name}`, "number"] as const),
  ...costs.map((name) => [`costPerClaim.${name}`, "number"] as const),
  ...latencies.flatMap((latency) =>
    quantities.map((quantity) => [`${latency}.${quantity}`, "time"] as const),
  ),
]);

const example = "skip-locked.toClaim.p99 < 100ms";

/** Parses one line of `expect:`. Never throws: the caller knows where the text stands. */
export function parseExpectation(text: string): ParsedExpectation {
  try {
    return { ok: true, expectation: parse(text) };
  } catch (error) {
    if (!(error instanceof NotAnExpectation)) throw error;
    return { ok: false, what: error.message, hint: error.hint };
  }
}

/** The strategies of the run that an expectation is about, each once. */
export function namedStrategies({ left, right }: Expectation): readonly string[] {
  const isOther = right.kind === "metric" && right.ofBaseline !== true;
  const names = isOther ? [left.strategy, right.strategy] : [left.strategy];
  return [...new Set(names)];
}

/** Unwinds the parser; never leaves this file. */
class NotAnExpectation extends Error {
  readonly hint: string;
  constructor(what: string, hint: string) {
    super(what);
    this.hint = hint;
  }
}

function parse(text: string): Expectation {
  const { left, operator, right } = splitAtOperator(text);
  const metric = parseMetric(left);
  if (metric.strategy === baselineName || metric.strategy.startsWith(`${baselineName}.`)) {
    const hint =
      "what is measured now stands first: skip-locked.toClaim.p99 <= 1.1 * baseline.toClaim.p99";
    throw new NotAnExpectation("the baseline stands on the right", hint);
  }
  const bound = parseBound(right, metric);
  return { text, left: metric, operator, right: bound };
}

function splitAtOperator(text: string): { left: string; operator: Operator; right: string } {
  const [found, ...others] = [...text.matchAll(/[<>=!~]+/g)];
  const known = operators.join("  ");
  if (found === undefined) {
    throw new NotAnExpectation(`"${text}" compares nothing`, `write it like ${example}`);
  }
  if (others.length > 0) {
    throw new NotAnExpectation(`"${text}" has more than one comparison`, "one comparison a line");
  }
  const operator = operators.find((candidate) => candidate === found[0]);
  if (operator === undefined) {
    throw new NotAnExpectation(`unknown operator "${found[0]}"`, `operators: ${known}`);
  }
  const left = text.slice(0, found.index).trim();
  const right = text.slice(found.index + operator.length).trim();
  return { left, operator, right };
}

/** The metric is the longest known one the text ends with, since a strategy's name may hold dots of its own. */
function parseMetric(written: string): MetricReference {
  const text = withPlainQuantity(written);
  for (const metric of metrics.keys()) {
    const strategy = text.slice(0, -metric.length - 1);
    if (strategy !== "" && text === `${strategy}.${metric}`) return { strategy, metric };
  }
  if (text === "" || !text.includes(".")) {
    const what = text === "" ? "a strategy's metric is missing" : `"${text}" names no metric`;
    throw new NotAnExpectation(what, `write strategy.metric, as in ${example}`);
  }
  const metric = text.slice(text.indexOf(".") + 1);
  throw new NotAnExpectation(`unknown metric "${metric}"`, metricHint(metric));
}

/** The quantities as k6 writes them: `p(99)`, `p(99.9)`, `med`, `avg`. */
function withPlainQuantity(text: string): string {
  return text
    .replace(/\.p\((\d+)(?:\.(\d+))?\)$/, ".p$1$2")
    .replace(/\.med$/, ".p50")
    .replace(/\.avg$/, ".mean");
}

/** The metrics by their patterns: all 31 names in a row help nobody. */
function metricHint(metric: string): string {
  const guess = nearest(metric, [...metrics.keys()]);
  const forms = [
    "claimsPerSecond",
    "attemptsPerClaim",
    `(${latencies.join("|")}).(${quantities.join("|")})`,
    `claims.(${claimCounts.join("|")})`,
    "inconsistencies",
    `costPerClaim.(${costs.join("|")})`,
  ];
  const list = `metrics: ${forms.join(", ")}`;
  return guess === undefined ? list : `did you mean "${guess}"? ${list}`;
}

const numberPattern = /^(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z%/]*)$/;

function parseBound(text: string, left: MetricReference): Bound {
  const dimension = dimensionOf(left);
  const literal = numberPattern.exec(text);
  if (literal !== null) {
    return { kind: "number", value: inUnit(Number(literal[1]), literal[2] ?? "", dimension) };
  }
  const star = text.indexOf("*");
  const factor = star < 0 ? 1 : parseFactor(text.slice(0, star).trim());
  const reference = parseMetric(text.slice(star + 1).trim());
  const other = dimensionOf(reference);
  if (other !== dimension) {
    const what = `a ${nouns[dimension]} is compared with a ${nouns[other]}`;
    throw new NotAnExpectation(what, "compare metrics of the same kind");
  }
  const { strategy, metric } = reference;
  if (strategy === baselineName) {
    return { kind: "metric", factor, ofBaseline: true, strategy: left.strategy, metric };
  }
  if (strategy.startsWith(`${baselineName}.`)) {
    const name = strategy.slice(baselineName.length + 1);
    return { kind: "metric", factor, ofBaseline: true, strategy: name, metric };
  }
  return { kind: "metric", factor, strategy, metric };
}

function parseFactor(text: string): number {
  const literal = numberPattern.exec(text);
  if (literal === null || literal[2] !== "" || Number(literal[1]) === 0) {
    const hint = "write the factor first: >= 2 * naive.claimsPerSecond";
    throw new NotAnExpectation(`"${text}" is not a factor`, hint);
  }
  return Number(literal[1]);
}

function inUnit(value: number, unit: string, dimension: Dimension): number {
  if (dimension === "time") {
    if (unit === "ms") return value;
    if (unit === "s") return value * 1_000;
    const what = unit === "" ? `${value} has no unit` : `unknown unit "${unit}"`;
    throw new NotAnExpectation(what, `write ${value}ms or ${value}s`);
  }
  if (unit === "") return value;
  const what = `a ${nouns[dimension]} has no unit "${unit}"`;
  throw new NotAnExpectation(what, `write ${value} alone`);
}

const nouns: Readonly<Record<Dimension, string>> = {
  time: "latency",
  rate: "rate per second",
  number: "plain number",
};

function dimensionOf({ metric }: MetricReference): Dimension {
  return metrics.get(metric) ?? "number";
}
