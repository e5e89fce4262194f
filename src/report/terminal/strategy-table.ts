import { measuredText } from "../measured-text.ts";
import { count } from "../number.ts";
import { percentileText } from "../percentile.ts";
import { oneLine } from "../plain-text.ts";
import type { StrategyResult } from "../result.ts";
import { standing } from "../standing.ts";
import { strategyHeadings } from "../strategy-headings.ts";
import { table, tableWidth } from "./layout.ts";
import type { Cell } from "./layout.ts";
import type { Paint } from "./paint.ts";

/** The strategies side by side: one a line where the width allows it, else one a column, as many as fit. */
export function strategyTable(
  strategies: readonly StrategyResult[],
  columns: number,
  paint: Paint,
): string[] {
  const rows = [headings, ...strategies.map(cells)];
  if (tableWidth(rows) <= columns) return table(rows, paint);
  return standingTables(rows, columns, paint);
}

const headings: readonly Cell[] = strategyHeadings.map((text) => ({ text, style: "faint" }));

function cells(strategy: StrategyResult): readonly Cell[] {
  const { text, symbol, tone } = standing(strategy);
  const bad = (value: number): Cell => ({
    text: count(value),
    style: value > 0 && strategy.role === "subject" ? "bad" : undefined,
  });
  return [
    { text: oneLine(strategy.name), style: "strong" },
    { text: strategy.role },
    { text: count(strategy.rounds) },
    { text: measuredText(strategy.claimsPerSecond) },
    { text: percentileText(strategy.latencyMs.toClaim, "p50") },
    { text: percentileText(strategy.latencyMs.toClaim, "p99") },
    bad(strategy.claims.duplicates),
    bad(strategy.inconsistencies),
    { text: `${symbol} ${text}`, style: tone },
  ];
}

/** The table on its side, in blocks of as many strategies as the width holds, at least one. */
function standingTables(
  rows: readonly (readonly Cell[])[],
  columns: number,
  paint: Paint,
): string[] {
  const [labels = [], ...strategies] = rows;
  const lines: string[] = [];
  for (let from = 0; from < strategies.length;) {
    let size = strategies.length - from;
    while (size > 1 && tableWidth(onItsSide(labels, strategies, from, size)) > columns) size--;
    if (from > 0) lines.push("");
    lines.push(...table(onItsSide(labels, strategies, from, size), paint));
    from += size;
  }
  return lines;
}

function onItsSide(
  labels: readonly Cell[],
  strategies: readonly (readonly Cell[])[],
  from: number,
  size: number,
): readonly (readonly Cell[])[] {
  const block = strategies.slice(from, from + size);
  return labels.map((label, row) => [label, ...block.map((cell) => cell[row] ?? { text: "" })]);
}
