import { count } from "../number.ts";
import type { CheckResult, StrategyResult } from "../result.ts";
import { verdictStanding } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** Every check of every strategy at a glance; only where there are more strategies than lists a reader goes through. */
export function checksMatrix(strategies: readonly StrategyResult[]): Markup {
  const names = [...new Set(strategies.flatMap(({ checks }) => checks.map(({ name }) => name)))];
  return dataTable({
    caption: "✓ passed, ✗ violated and how often, ? inconclusive, – not judged",
    headings: ["strategy", ...names],
    rows: strategies.map((strategy) => [
      `${strategy.name}${strategy.role === "control" ? " (control)" : ""}`,
      ...names.map((name) => cell(strategy.checks.find((check) => check.name === name))),
    ]),
    className: "matrix",
  });
}

function cell(check: CheckResult | undefined): Markup | string {
  if (check === undefined) return "–";
  const { symbol, tone, text } = verdictStanding(check.verdict);
  const times = check.count > 0 ? ` ${count(check.count)}` : "";
  return markup`<span class="cell ${tone}" title="${check.name}: ${text}">${symbol}${times}</span>`;
}
