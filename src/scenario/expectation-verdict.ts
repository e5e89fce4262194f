import { unreachable } from "../base/assert.ts";
import type { Bound, Dimension, Expectation, MetricReference, Operator } from "./expectation.ts";
import { metrics } from "./expectation.ts";

/** What a run measured, in the metric's own unit; null or undefined where it has no number. */
export type MetricLookup = (
  strategy: string,
  metric: string,
  /** The earlier run that is compared with. */
  ofBaseline?: boolean,
) => number | null | undefined;

export interface ExpectationVerdict {
  readonly verdict: "passed" | "violated";
  /** What was found: `81.2 ms < 100 ms`, `3.1 × naive (1,204 / 388 claims/s)`. */
  readonly actual: string;
}

/**
 * Holds an expectation against a run. Without data it is violated: what was expected was not seen. An expectation that a
 * misspelt name or a run without claims lets pass is worse than none.
 */
export function judgeExpectation(
  { left, operator, right }: Expectation,
  lookup: MetricLookup,
): ExpectationVerdict {
  const value = (reference: MetricReference & { ofBaseline?: boolean }): number | undefined => {
    const found = lookup(reference.strategy, reference.metric, reference.ofBaseline);
    return typeof found === "number" && Number.isFinite(found) ? found : undefined;
  };
  const actual = value(left);
  if (actual === undefined) return noData(left);
  const base = right.kind === "number" ? right.value : value(right);
  if (base === undefined) return noData(right as MetricReference);
  const bound = right.kind === "number" ? base : right.factor * base;
  const verdict = compare(actual, operator, bound) ? "passed" : "violated";
  const text =
    right.kind === "number"
      ? literalText({ left, actual, operator, bound, held: verdict === "passed" })
      : relationText({ left, right, actual, base });
  return { verdict, actual: text };
}

function noData(missing: MetricReference & { ofBaseline?: boolean }): ExpectationVerdict {
  const { strategy, metric, ofBaseline = false } = missing;
  const where = ofBaseline ? "in the baseline (--baseline FILE) " : "";
  return { verdict: "violated", actual: `no data ${where}for ${strategy}.${metric}` };
}

function compare(a: number, operator: Operator, b: number): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    default:
      return unreachable(operator);
  }
}

function literalText(found: {
  readonly left: MetricReference;
  readonly actual: number;
  readonly operator: Operator;
  readonly bound: number;
  readonly held: boolean;
}): string {
  const [actual, bound] = apart(found.actual, found.bound);
  const unit = unitOf(found.left);
  const not = found.held ? "" : ", not";
  return `${actual}${unit}${not} ${found.operator} ${bound}${unit}`;
}

function relationText(found: {
  readonly left: MetricReference;
  readonly right: Extract<Bound, { kind: "metric" }>;
  readonly actual: number;
  readonly base: number;
}): string {
  const { left, right } = found;
  const [actual, base] = apart(found.actual, found.base);
  const numbers = `${actual} / ${base}${unitOf(left)}`;
  const strategy = right.ofBaseline === true ? `baseline ${right.strategy}` : right.strategy;
  const other = left.metric === right.metric ? strategy : `${strategy}.${right.metric}`;
  // There is no ratio to zero; the two numbers say what there is to say.
  if (found.base === 0) return `${numbers}, ${left.strategy} / ${other}`;
  const [ratio] = apart(found.actual / found.base, right.factor);
  return `${ratio} × ${other} (${numbers})`;
}

const units: Readonly<Record<Dimension, string>> = { time: " ms", rate: " claims/s", number: "" };

function unitOf({ metric }: MetricReference): string {
  return units[metrics.get(metric) ?? "number"];
}

/** Two numbers with as few digits as still show which is larger: never "100 ms < 100 ms". */
function apart(a: number, b: number): [string, string] {
  for (let digits = 3; digits < 15; digits++) {
    const pair: [string, string] = [brief(a, digits), brief(b, digits)];
    if (a === b || pair[0] !== pair[1]) return pair;
  }
  return [String(a), String(b)];
}

/** All digits before the point, and as many significant ones in all: 1,204 · 81.2 · 0.031. */
function brief(value: number, digits: number): string {
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)) + 1);
  const maximumSignificantDigits = Math.min(21, Math.max(digits, digits === 3 ? whole : digits));
  return value.toLocaleString("en-US", { maximumSignificantDigits });
}
