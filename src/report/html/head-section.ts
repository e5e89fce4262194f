import { metricName, ratioText } from "../comparison-text.ts";
import { duration } from "../number.ts";
import type { RunResult } from "../result.ts";
import { runStanding, verdictStanding } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { strategyTable } from "./strategy-table.ts";
import { dataTable } from "./table.ts";

/** What a reader with ten seconds sees: the verdict in one sentence, and the strategies side by side. */
export function headSection(result: RunResult, navigation: Markup): Markup {
  const facts = [
    result.load.summary,
    `seed ${result.seed}`,
    duration(result.durationMs),
    result.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
  ];
  return markup`<header>
${standingBadge({ ...runStanding(result), text: runStanding(result).text.toUpperCase() }, "run-standing")}
<h1>${result.headline}</h1>
<p><strong>${result.scenario.name}</strong> asks: ${result.scenario.description}</p>
<p class="facts">${facts.join(" · ")}</p>
${navigation}
${warnings(result)}
</header>
${strategyTable(result.strategies)}
${comparisons(result)}
${expectations(result)}`;
}

function warnings(result: RunResult): Markup | undefined {
  const interrupted =
    "The run was interrupted before its end; what was recorded until then is judged.";
  const all = [...(result.interrupted ? [interrupted] : []), ...result.warnings];
  if (all.length === 0) return undefined;
  return markup`<div class="warnings" role="note"><strong>Mind this</strong><ul>${all.map((warning) => markup`<li>${warning}</li>`)}</ul></div>`;
}

function comparisons(result: RunResult): Markup | undefined {
  if (result.comparisons.length === 0) return undefined;
  const rows = result.comparisons.map((comparison) => [
    metricName(comparison.metric),
    `${comparison.subject} / ${comparison.control}`,
    ratioText(comparison),
    String(comparison.pairs),
  ]);
  const table = dataTable({
    caption:
      "Ratios of rounds that belong together, with 95 % intervals; ~ where no difference was shown",
    headings: ["compared", "strategies", "ratio [interval]", "pairs"],
    rows,
  });
  return markup`<h3>Compared</h3>${table}`;
}

function expectations(result: RunResult): Markup | undefined {
  if (result.expectations.length === 0) return undefined;
  const rows = result.expectations.map((expectation) => {
    const outcome = verdictStanding(expectation.verdict);
    const text = outcome.text === "VIOLATED" ? "missed" : outcome.text;
    return [
      markup`<code>${expectation.text}</code>`,
      expectation.actual,
      standingBadge({ ...outcome, text }),
    ];
  });
  const table = dataTable({
    caption: "What the scenario expects beyond the checks",
    headings: ["expectation", "actual", "outcome"],
    rows,
  });
  return markup`<h3>Expected</h3>${table}`;
}
