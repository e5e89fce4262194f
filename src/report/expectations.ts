import { judgeExpectation } from "../scenario/expectation-verdict.ts";
import { parseExpectation } from "../scenario/expectation.ts";
import type { ExpectationSpec } from "../scenario/scenario.ts";
import { strategyName } from "../scenario/strategy-name.ts";
import type { ExpectationResult, StrategyResult } from "./result.ts";

/** The scenario's `expect:` held against what was measured. */
export function judgeExpectations(
  specs: readonly ExpectationSpec[],
  strategies: readonly StrategyResult[],
): ExpectationResult[] {
  const lookup = (name: string, metric: string) => measuredValue(strategies, name, metric);
  return specs.map(({ text, position }) => {
    const parsed = parseExpectation(text);
    const line = position.line;
    if (!parsed.ok) return { text, verdict: "inconclusive", actual: parsed.what, line };
    return { text, ...judgeExpectation(parsed.expectation, lookup), line };
  });
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
