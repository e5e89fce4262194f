import { figure } from "../chart/figure.ts";
import { perRound } from "../chart/per-round.ts";
import type { RoundsRow } from "../chart/per-round.ts";
import { seriesOf } from "../chart/series.ts";
import type { Series } from "../chart/series.ts";
import { rate } from "../number.ts";
import type { RunResult } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** Every round's throughput: a difference between strategies means something where it exceeds that between rounds. */
export function roundsSection(result: RunResult): Markup | undefined {
  const series = seriesOf(result.strategies.map((strategy) => strategy.name));
  const rows = result.strategies
    .map((strategy, place): RoundsRow => ({
      series: series[place] as Series,
      measured: strategy.claimsPerSecond,
    }))
    .filter((row) => row.measured.samples.length > 0);
  if (rows.length === 0) return undefined;
  return figure({
    label: "Claims per second of every round, one row a strategy. The table has the numbers.",
    caption: markup`A mark is a round; the upright line is the median, the thin line the range.`,
    draw: (width) => perRound(rows, width),
    table: roundsTable(rows),
  });
}

function roundsTable(rows: readonly RoundsRow[]): Markup {
  const rounds = Math.max(...rows.map((row) => row.measured.samples.length));
  return dataTable({
    caption: "Claims per second of every round",
    headings: ["strategy", ...Array.from({ length: rounds }, (_, round) => `round ${round + 1}`)],
    rows: rows.map(({ series, measured }) => [series.name, ...measured.samples.map(rate)]),
  });
}
