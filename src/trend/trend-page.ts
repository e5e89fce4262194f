import { valueText } from "../compare/comparison-text.ts";
import { figure } from "../report/chart/figure.ts";
import { seriesOf } from "../report/chart/series.ts";
import { metricName } from "../report/comparison-text.ts";
import { legend } from "../report/html/legend.ts";
import { htmlDocument } from "../report/html/document.ts";
import { markup } from "../report/html/markup.ts";
import type { Markup } from "../report/html/markup.ts";
import { dataTable } from "../report/html/table.ts";
import { trendChart } from "./trend-chart.ts";
import type { Trend, TrendPoint, TrendSeries } from "./trend-result.ts";
import { changesByDate, changeText, day, runsText } from "./trend-text.ts";

/** The page `trend.html`: each metric over the runs, where it changed, and links to the runs. Needs no script. */
export function trendPage(trend: Trend): string {
  return htmlDocument({
    title: runsText(trend),
    madeBy: trend.doubletake,
    main: markup`<h1>${runsText(trend)} over time</h1>
<p class="facts">${trend.path}. A change is a place where the level of a series moved by more than its scatter; what lies above a line's end is an interval of few rounds.</p>
${trend.notes.map((note) => markup`<p>${note}</p>`)}
${changes(trend)}
${legend(seriesOf(["passed", "violated", "inconclusive"]))}
${strategies(trend).map(strategySection)}`,
  });
}

function changes({ series }: Trend): Markup {
  const found = changesByDate(series);
  if (found.length === 0) return markup`<p>No level changed.</p>`;
  return markup`<h2>Changes</h2><ul>${found.map(({ text }) => markup`<li>${text}</li>`)}</ul>`;
}

interface StrategyTrend {
  readonly title: string;
  readonly ranOn: string;
  readonly series: readonly TrendSeries[];
}

function strategies({ series }: Trend): readonly StrategyTrend[] {
  const groups = new Map<string, StrategyTrend>();
  for (const each of series) {
    const title = `${each.scenario}, ${each.strategy}`;
    const key = `${title}\n${each.ranOn}`;
    const group = groups.get(key);
    groups.set(key, { title, ranOn: each.ranOn, series: [...(group?.series ?? []), each] });
  }
  return [...groups.values()];
}

function strategySection({ title, ranOn, series }: StrategyTrend): Markup {
  return markup`<section><h2>${title}</h2><p class="facts">${ranOn}</p>${series.map(chart)}</section>`;
}

function chart(series: TrendSeries): Markup {
  const name = metricName(series.metric);
  const texts = series.changePoints.map((change) => changeText(series, change));
  const label = `${name} of ${series.strategy} over ${series.points.length} runs; ${texts.join("; ") || "no change"}`;
  return markup`<h3>${name}</h3>${figure({
    label,
    draw: (width) => trendChart(series, width),
    table: dataTable({
      caption: `${name}, run by run`,
      headings: ["run", "value", "95 % interval", "verdict"],
      rows: series.points.map((point) => row(series.metric, point)),
    }),
  })}`;
}

function row(metric: string, { startedAt, path, value, low, high, verdict }: TrendPoint) {
  const bounds = [low, high].map((bound) => valueText(metric, bound));
  return [
    markup`<a href="${address(path)}/report.html">${day(startedAt)} ${startedAt.slice(11, 16)}</a>`,
    valueText(metric, value),
    low === null ? "one round" : bounds.join("–"),
    verdict,
  ];
}

/** A relative path as a link; a name with a colon in it would else be read as the scheme of an address. */
function address(path: string): string {
  return `./${path.split(/[\\/]/).map(encodeURIComponent).join("/")}`;
}
