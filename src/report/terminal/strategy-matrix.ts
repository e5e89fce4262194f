import { count, notAvailable, rate } from "../number.ts";
import { oneLine } from "../plain-text.ts";
import type { StrategyResult } from "../result.ts";
import { standing } from "../standing.ts";
import { table, tableWidth } from "./layout.ts";
import type { Cell } from "./layout.ts";
import type { Paint } from "./paint.ts";

/** From so many strategies on, what is said of each must fit a line, and the details are left to report.html. */
const many = 7;

export function isMatrix(strategies: readonly StrategyResult[]): boolean {
  return strategies.length >= many;
}

interface Column {
  readonly heading: string;
  readonly cell: (strategy: StrategyResult) => Cell;
  /** Columns of a higher number are left out first where the width does not do. */
  readonly rank: number;
}

/**
 * Many strategies under one load, one a line: the subjects, then the controls, the fastest first. Where the width does
 * not do, columns are left out, never lines broken.
 */
export function strategyMatrix(
  strategies: readonly StrategyResult[],
  columns: number,
  paint: Paint,
): string[] {
  const ordered = strategies.toSorted(
    (one, other) => roleRank(one) - roleRank(other) || speed(other) - speed(one),
  );
  const ranks = matrix.map(({ rank }) => rank);
  for (let most = Math.max(...ranks); ; most--) {
    const rows = rowsOf(
      ordered,
      matrix.filter(({ rank }) => rank <= most),
    );
    if (tableWidth(rows) <= columns || most === 0) return table(rows, paint);
  }
}

function rowsOf(
  strategies: readonly StrategyResult[],
  shown: readonly Column[],
): readonly (readonly Cell[])[] {
  const head = shown.map(({ heading }): Cell => ({ text: heading, style: "faint" }));
  return [head, ...strategies.map((strategy) => shown.map(({ cell }) => cell(strategy)))];
}

const matrix: readonly Column[] = [
  { heading: "strategy", rank: 0, cell: ({ name }) => ({ text: oneLine(name), style: "strong" }) },
  { heading: "claims/s", rank: 1, cell: (strategy) => ({ text: rate(speedOf(strategy)) }) },
  { heading: "p50 ms", rank: 4, cell: ({ latencyMs }) => ({ text: rate(latencyMs.toClaim.p50) }) },
  { heading: "p99 ms", rank: 3, cell: ({ latencyMs }) => ({ text: rate(latencyMs.toClaim.p99) }) },
  { heading: "duplicates", rank: 2, cell: (strategy) => bad(strategy, strategy.claims.duplicates) },
  {
    // Per claim that was granted.
    heading: "conflicts",
    rank: 5,
    cell: ({ queueing }) => ({ text: rate(queueing?.conflictsPerClaim ?? null) }),
  },
  {
    heading: "false empty",
    rank: 6,
    cell: (strategy) => bad(strategy, strategy.claims.falseEmpty),
  },
  { heading: "verdict", rank: 0, cell: verdict },
  { heading: "broken", rank: 7, cell: broken },
];

function verdict(strategy: StrategyResult): Cell {
  const { symbol, text, tone } = standing(strategy);
  return { text: `${symbol} ${text}`, style: tone };
}

/** The first check that was violated: of a control, the reason why it was caught. */
function broken({ checks }: StrategyResult): Cell {
  return { text: checks.find((check) => check.verdict === "violated")?.name ?? "" };
}

/** Null: not judged. */
function bad({ role }: StrategyResult, value: number | null | undefined): Cell {
  if (value === null || value === undefined) return { text: notAvailable };
  return { text: count(value), style: value > 0 && role === "subject" ? "bad" : undefined };
}

function speedOf({ claimsPerSecond }: StrategyResult): number | null {
  return claimsPerSecond.median;
}

function speed(strategy: StrategyResult): number {
  return speedOf(strategy) ?? -1;
}

function roleRank({ role }: StrategyResult): number {
  return role === "subject" ? 0 : 1;
}
