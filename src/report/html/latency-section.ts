import { byPercentile } from "../chart/by-percentile.ts";
import type { PercentileLine } from "../chart/by-percentile.ts";
import { ecdf } from "../chart/ecdf.ts";
import { figure } from "../chart/figure.ts";
import { seriesOf } from "../chart/series.ts";
import type { Series } from "../chart/series.ts";
import { kneeText } from "../arrivals-text.ts";
import { count, milliseconds, rate } from "../number.ts";
import { percentileLabel, percentiles, percentileText } from "../percentile.ts";
import type { RunResult } from "../result.ts";
import { legend } from "./legend.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** The whole distribution of the time until a claim was granted, and the three latencies as numbers. */
export function latencySection(result: RunResult): Markup | undefined {
  const series = seriesOf(result.strategies.map((strategy) => strategy.name));
  const lines = result.strategies
    .map((strategy, place): PercentileLine => ({
      series: series[place] as Series,
      distribution: strategy.distribution,
      count: strategy.latencyMs.toClaim.count,
    }))
    .filter((line) => line.distribution.length > 0);
  if (lines.length === 0) return undefined;
  const names = lines.map((line) => line.series.name).join(", ");
  const drawn = figure({
    label: `Time until a claim was granted, by percentile, for ${names}. The table below has the numbers.`,
    caption: markup`Each further nine has the same room. Dotted: too few claims to call it a percentile; single claims, up to the slowest.`,
    draw: (width) => byPercentile(lines, width),
  });
  const shares = figure({
    label: `Share of claims granted within a time, for ${names}. The table below has the numbers.`,
    caption: markup`Further left and up is better. Where lines cross, one strategy is better for some claims and worse for others.`,
    draw: (width) => ecdf(lines, width),
  });
  return markup`${legend(lines.map((line) => line.series))}${shares}${drawn}${latencyTable(result)}${arrivalsNote(result)}${rampTables(result)}`;
}

const latencies = [
  { key: "toClaim", name: "until a claim" },
  { key: "service", name: "one attempt" },
  { key: "response", name: "from its intended start" },
  { key: "pickUp", name: "until a job is picked up" },
] as const;

function latencyTable(result: RunResult): Markup {
  const rows = latencies.flatMap(({ key, name }) =>
    result.strategies.flatMap((strategy) => {
      const latency = strategy.latencyMs[key];
      if (latency === undefined) return [];
      const row = [
        name,
        strategy.name,
        ...percentiles.map((percentile) => percentileText(latency, percentile.name)),
        milliseconds(latency.max),
        count(latency.count),
      ];
      return [row];
    }),
  );
  return dataTable({
    caption:
      "Latencies: until a claim was granted, of one attempt, from its intended start, and where jobs were added, until one is picked up",
    headings: [
      "latency",
      "strategy",
      ...percentiles.map((percentile) => percentileLabel(percentile.name)),
      "max",
      "samples",
    ],
    rows,
  });
}

function arrivalsNote({ strategies }: RunResult): Markup | undefined {
  const late = strategies.flatMap(({ name, arrivals }) =>
    arrivals === null || arrivals === undefined || arrivals.late + arrivals.skipped === 0
      ? []
      : [`${name}: ${count(arrivals.late)} late, ${count(arrivals.skipped)} skipped`],
  );
  if (late.length === 0) return undefined;
  return markup`<p class="facts">Arrivals that no bot was free for in time: ${late.join("; ")}.</p>`;
}

/** A load that rises: how far each strategy kept up. */
function rampTables({ strategies }: RunResult): readonly Markup[] {
  return strategies.flatMap(({ name, ramp }) => {
    if (ramp === null || ramp === undefined) return [];
    return [
      dataTable({
        caption: `${name} under a load that rises: ${kneeText(ramp)}`,
        headings: ["offered/s", "claims/s", "p50 from intended start", "p99", "kept up"],
        rows: ramp.stages.map((stage) => [
          rate(stage.offeredPerSecond),
          rate(stage.claimsPerSecond),
          milliseconds(stage.responseMsP50),
          milliseconds(stage.responseMsP99),
          stage.keptUp ? "yes" : "no",
        ]),
      }),
    ];
  });
}
