import { metricName, ratioText, intervalsText } from "../comparison-text.ts";
import { duration, notAvailable, rate } from "../number.ts";
import type { ComparisonResult, RunResult } from "../result.ts";
import { runStanding, verdictStanding } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { strategyTable } from "./strategy-table.ts";
import { dataTable } from "./table.ts";

type DiscardedRound = NonNullable<RunResult["discardedRounds"]>[number];

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
  const all = [
    ...(result.interrupted ? [interrupted] : []),
    ...result.warnings,
    ...(result.discardedRounds ?? []).map(discardedText),
    ...(result.generator?.isBottleneck === true ? [bottleneckText] : []),
  ];
  if (all.length === 0) return undefined;
  return markup`<div class="warnings" role="note"><strong>Mind this</strong><ul>${all.map((warning) => markup`<li>${warning}</li>`)}</ul></div>`;
}

const bottleneckText =
  "The load generator itself was what limited the numbers; the environment below says by how much.";

function discardedText({ round, strategy, canary, deviations }: DiscardedRound): string {
  return `Round ${round} of the run (${strategy}) is left out of comparisons: the machine changed its speed meanwhile (${canary} lay ${rate(deviations)} deviations from the median).`;
}

function comparisons(result: RunResult): Markup | undefined {
  if (result.comparisons.length === 0) return undefined;
  const isDecided = result.comparisons.some(({ decision }) => decision !== undefined);
  const rows = result.comparisons.map((comparison) => [
    metricName(comparison.metric),
    `${comparison.subject} / ${comparison.control}`,
    ratioText(comparison),
    ...(isDecided ? [decisionText(comparison)] : []),
    String(comparison.pairs),
  ]);
  const { sequential } = result;
  const stopping = sequential === undefined || sequential === null ? "" : `; ${sequential.summary}`;
  const table = dataTable({
    caption: `Ratios of rounds that belong together, with ${intervalsText(result.comparisons)} intervals; ~ where no difference was shown${stopping}`,
    headings: [
      "compared",
      "strategies",
      "ratio [interval]",
      ...(isDecided ? ["decision"] : []),
      "pairs",
    ],
    rows,
  });
  return markup`<h3>Compared</h3>${table}${calibration(result)}`;
}

/** `better (margin 5 %)`. */
function decisionText({ decision, margin }: ComparisonResult): string {
  if (decision === undefined) return notAvailable;
  return margin === undefined ? decision : `${decision} (margin ${percent(margin)})`;
}

/** The same strategy against itself: a difference below this is the machine's own. */
function calibration(result: RunResult): Markup | undefined {
  const measured = result.calibration;
  if (measured === null || measured === undefined) return undefined;
  const rows = measured.metrics.map(({ metric, ratio, low, high, pairs, resolution }) => [
    metricName(metric),
    ratioText({ metric, ratio, low, high, pairs, subject: "", control: "", significant: false }),
    resolution === null ? notAvailable : `±${percent(resolution)}`,
    String(pairs),
  ]);
  return dataTable({
    caption: `What this machine can tell apart: ${measured.strategy} against itself`,
    headings: ["compared", "ratio [interval]", "resolution", "pairs"],
    rows,
  });
}

function percent(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
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
