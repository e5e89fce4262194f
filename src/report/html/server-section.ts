import { figure } from "../chart/figure.ts";
import { growth } from "../chart/growth.ts";
import type { GrowthLine } from "../chart/growth.ts";
import { seriesOf } from "../chart/series.ts";
import type { Series } from "../chart/series.ts";
import { waitBars } from "../chart/wait-bars.ts";
import { bytes, count, rate } from "../number.ts";
import type { RunResult, StrategyResult } from "../result.ts";
import { legend } from "./legend.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** What a claim costs the server: where its backends waited, statements and bytes, and how the table grew. */
export function serverSection(result: RunResult): Markup {
  return markup`<h3>Cost per claim</h3>${costTable(result)}
<h3>Where the time went</h3>${waits(result)}
<h3>Table growth</h3>${tableGrowth(result)}`;
}

const costs = [
  { key: "statements", label: "statements", text: rate },
  { key: "roundTrips", label: "round trips", text: rate },
  { key: "walBytes", label: "WAL bytes", text: bytes },
  { key: "buffers", label: "buffers", text: rate },
] as const;

function costTable({ strategies }: RunResult): Markup {
  const cheapest = costs.map(({ key }) => least(strategies, key));
  const rows = strategies.map((strategy) => [
    strategy.name,
    ...costs.map(({ key, text }, place) => {
      const value = strategy.costPerClaim[key] ?? null;
      return value === null
        ? "not measured"
        : `${text(value)}${multiple(value, cheapest[place] ?? null)}`;
    }),
  ]);
  return dataTable({
    caption: "In the load, by first grants; in brackets how many times the cheapest",
    headings: ["strategy", ...costs.map(({ label }) => label)],
    rows,
  });
}

function least(
  strategies: readonly StrategyResult[],
  key: (typeof costs)[number]["key"],
): number | null {
  const values = strategies.flatMap(({ costPerClaim }) => costPerClaim[key] ?? []);
  return values.length < 2 ? null : Math.min(...values);
}

/** ` (1.8×)`; nothing for the cheapest itself. */
function multiple(value: number, cheapest: number | null): string {
  if (cheapest === null || cheapest === 0 || value === cheapest) return "";
  return ` (${(value / cheapest).toFixed(2)}×)`;
}

function waits({ strategies }: RunResult): Markup {
  const rows = strategies.flatMap(({ name, waits: sampled }, place) =>
    sampled === null || sampled === undefined || sampled.samples === 0
      ? []
      : [{ name, place, states: sampled.states, samples: sampled.samples }],
  );
  if (rows.length === 0) {
    return markup`<p class="absent">Not in this run: nobody looked at what the server's backends were waiting for.</p>`;
  }
  const events = [...new Set(rows.flatMap(({ states }) => states.map(({ event }) => event)))];
  const table = dataTable({
    caption: "Share of the looks at which a backend of a bot was found so",
    headings: [
      "waiting for",
      ...rows.map(({ name, samples }) => `${name} (${count(samples)} looks)`),
    ],
    rows: events.map((event) => [
      event,
      ...rows.map(({ states }) => shareText(states.find((state) => state.event === event)?.share)),
    ]),
  });
  return figure({
    label: `What the bots' backends were waiting for: ${rows.map(({ name }) => name).join(", ")}. The table has the numbers.`,
    caption: markup`CPU is working, Client:ClientRead waiting for the bot's next statement; Lock is waiting for another bot.`,
    draw: (width) => waitBars(rows, events, width),
    table,
  });
}

function shareText(share: number | undefined): string {
  return share === undefined ? "–" : `${(share * 100).toFixed(1)} %`;
}

function tableGrowth({ strategies }: RunResult): Markup {
  const series = seriesOf(strategies.map(({ name }) => name));
  const lines = strategies.flatMap(({ tableGrowth: samples }, place): GrowthLine[] =>
    samples === null || samples === undefined || samples.length === 0
      ? []
      : [{ series: series[place] as Series, samples }],
  );
  if (lines.length === 0) {
    return markup`<p class="absent">Not in this run: the size of the jobs table was not sampled.</p>`;
  }
  const drawn = figure({
    label: `Dead rows and size of the jobs table over time, for ${lines.map((line) => line.series.name).join(", ")}.`,
    caption: markup`A claim leaves dead rows behind; where they pile up, the next claim has to step over them. One line a round.`,
    draw: (width) => growth(lines, width),
    table: growthTable(lines),
  });
  return markup`${legend(lines.map((line) => line.series))}${drawn}`;
}

function growthTable(lines: readonly GrowthLine[]): Markup {
  const rows = lines.map(({ series, samples }) => {
    const last = samples.at(-1);
    const most = Math.max(...samples.map(({ deadTuples }) => deadTuples));
    return [
      series.name,
      count(most),
      bytes(last?.tableBytes ?? null),
      bytes(last?.indexBytes ?? null),
    ];
  });
  return dataTable({
    caption: "The jobs table in the load",
    headings: ["strategy", "most dead rows", "table at the end", "indexes at the end"],
    rows,
  });
}
