import { judgeExpectation } from "../scenario/expectation-verdict.ts";
import type { MetricLookup } from "../scenario/expectation-verdict.ts";
import { parseExpectation } from "../scenario/expectation.ts";
import type { Baseline, ExpectationSpec } from "../scenario/scenario.ts";
import { strategyName } from "../scenario/strategy-name.ts";
import type { ExpectationResult, RunResult, StrategyResult } from "./result.ts";

/** The scenario's `expect:` held against what was measured. */
export function judgeExpectations(
  specs: readonly ExpectationSpec[],
  strategies: readonly StrategyResult[],
  baseline: Baseline | undefined,
): ExpectationResult[] {
  const lookup: MetricLookup = (name, metric, ofBaseline) =>
    ofBaseline === true
      ? baseline?.values[`${name}.${metric}`]
      : measuredValue(strategies, name, metric);
  return specs.map(({ text, position }) => {
    const parsed = parseExpectation(text);
    const line = position.line === 0 ? {} : { line: position.line };
    if (!parsed.ok) return { text, verdict: "inconclusive", actual: parsed.what, ...line };
    return { text, ...judgeExpectation(parsed.expectation, lookup), ...line };
  });
}

/** What the expectations ask of an earlier run, so that a history can be judged again without it. */
export function baselineOf(
  specs: readonly ExpectationSpec[],
  { file, result }: { readonly file: string; readonly result: RunResult },
): Baseline {
  const asked = specs.flatMap(({ text }) => {
    const parsed = parseExpectation(text);
    const right = parsed.ok ? parsed.expectation.right : undefined;
    return right?.kind === "metric" && right.ofBaseline === true ? [right] : [];
  });
  const values = asked.flatMap(({ strategy, metric }) => {
    const value = measuredValue(result.strategies, strategy, metric);
    return typeof value === "number" ? [[`${strategy}.${metric}`, value] as const] : [];
  });
  return { file, values: Object.fromEntries(values) };
}

/** A metric by the name expectations use: a path into a strategy's result, latencies without `latencyMs`. */
function measuredValue(
  strategies: readonly StrategyResult[],
  name: string,
  metric: string,
): number | null | undefined {
  const strategy = strategies.find((each) => strategyName(each.name) === name);
  if (strategy === undefined) return undefined;
  if (metric === "claimsPerSecond") return strategy.claimsPerSecond.median;
  const path = metric.split(".");
  const isLatency = (path[0] ?? "") in strategy.latencyMs;
  return numberAt(isLatency ? strategy.latencyMs : strategy, path);
}

function numberAt(root: object, path: readonly string[]): number | null | undefined {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === "number" ? value : null;
}
