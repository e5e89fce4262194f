import { isUnclear, metricName, ratioText, intervalsText } from "./comparison-text.ts";
import { caseSubject, eventTexts } from "./event-text.ts";
import { faultsAcross } from "./faults-across.ts";
import type { ResultFormat } from "./format.ts";
import { code, codeBlock, escaped } from "./markdown/escape.ts";
import { measuredText } from "./measured-text.ts";
import { count, duration, notAvailable } from "./number.ts";
import { casesToShow } from "./cases-to-show.ts";
import { percentileText } from "./percentile.ts";
import { oneLine } from "./plain-text.ts";
import { arrivalsText } from "./arrivals-text.ts";
import { queueingText } from "./queueing-text.ts";
import { recoveryText } from "./recovery-text.ts";
import type { CheckResult, RunResult, StrategyResult, Violation } from "./result.ts";
import { coverageText } from "./schedule-coverage.ts";
import { runStanding, standing, verdictStanding } from "./standing.ts";
import { strategyHeadings } from "./strategy-headings.ts";

/** summary.md: GitHub Markdown for a pull request, a job summary or an issue. */
export const markdown: ResultFormat = {
  kind: "result",
  name: "markdown",
  isDefault: true,
  render: (result) => ({ "summary.md": page(result) }),
};

function page(result: RunResult): string {
  const sections = [
    heading(result),
    strategyTable(result),
    ...result.strategies.map(findings),
    faults(result),
    queueing(result),
    arrivals(result),
    coverage(result),
    comparisons(result),
    expectations(result),
    warnings(result),
    replay(result),
  ];
  return `${bounded(sections.filter((section) => section !== "")).join("\n\n")}\n`;
}

/**
 * GitHub refuses a job summary above 1 MiB as a whole, so a section that does not fit is left out, and the page says
 * so. The rest is room for what else the step writes.
 */
const mostBytes = 1_000_000;

function bounded(sections: readonly string[]): readonly string[] {
  let bytes = 0;
  const fitting = sections.filter((section) => {
    const size = Buffer.byteLength(section) + 2;
    if (bytes + size > mostBytes) return false;
    bytes += size;
    return true;
  });
  const left = sections.length - fitting.length;
  if (left === 0) return sections;
  const parts = left === 1 ? "One section is" : `${left} sections are`;
  return [...fitting, `*${parts} left out, for want of room; report.html has everything.*`];
}

/** Longer than any headline that is one. */
const longestHeadline = 20_000;

function heading(result: RunResult): string {
  const { symbol, text } = runStanding(result);
  const interrupted = result.interrupted ? " The run was interrupted before its end." : "";
  const facts = [escaped(result.load.summary), `seed ${result.seed}`, duration(result.durationMs)];
  return [
    `## ${symbol} ${escaped(result.scenario.name)}: ${text}`,
    `**${escaped(result.headline.slice(0, longestHeadline))}**${interrupted}`,
    `${escaped(result.scenario.description)} (${facts.join(" · ")})`,
  ].join("\n\n");
}

function strategyTable(result: RunResult): string {
  return table(strategyHeadings, result.strategies.map(strategyRow));
}

function strategyRow(strategy: StrategyResult): string[] {
  const { symbol, text } = standing(strategy);
  return [
    escaped(strategy.name),
    strategy.role,
    count(strategy.rounds),
    measuredText(strategy.claimsPerSecond),
    percentileText(strategy.latencyMs.toClaim, "p50"),
    percentileText(strategy.latencyMs.toClaim, "p99"),
    count(strategy.claims.duplicates),
    count(strategy.inconsistencies),
    `${symbol} ${text}`,
  ];
}

function findings(strategy: StrategyResult): string {
  const notable = strategy.checks.filter((check) => check.verdict !== "passed");
  if (notable.length === 0) return "";
  const role = strategy.role === "control" ? " (control)" : "";
  const items = notable.map((check, place) => finding(check, casesToShow(strategy, place)));
  return `### What ${escaped(strategy.name)}${role} did\n\n${items.join("\n")}`;
}

function finding(check: CheckResult, cases: number): string {
  const { symbol, text } = verdictStanding(check.verdict);
  const times = check.count > 0 ? `, ${count(check.count)}×` : "";
  const note = check.note === undefined ? "" : ` (${escaped(check.note)})`;
  const line = `- ${symbol} **${escaped(check.name)}** ${text}${times}: ${escaped(check.property)}${note}`;
  return [line, ...check.evidence.slice(0, cases).map(violationBlock)].join("\n");
}

function violationBlock(violation: Violation): string {
  const subject = caseSubject(violation);
  const place = `round ${violation.round}${subject === "" ? "" : ` · ${subject}`}`;
  const events = eventTexts(violation.events).map(({ at, who, what }) =>
    [at.padEnd(10), who.padEnd(8), oneLine(what)].join(" ").trimEnd(),
  );
  const block = events.length === 0 ? [] : codeBlock(events.join("\n"), "text").split("\n");
  const lines = [`- ${escaped(violation.summary)} (${place})`, ...block.map((line) => `  ${line}`)];
  return lines.map((line) => `  ${line}`).join("\n");
}

/** What was measured of the subjects beside their verdict. */
function queueing({ strategies }: RunResult): string {
  const subjects = strategies.filter(({ role }) => role === "subject");
  const texts = subjects.map((strategy) => [strategy.name, queueingText(strategy)] as const);
  return told("Order and sharing, without a verdict", texts);
}

/** A load that came at its own times, whether the strategy kept up or not. */
function arrivals({ strategies }: RunResult): string {
  const texts = strategies.map((strategy) => [strategy.name, arrivalsText(strategy)] as const);
  return told("Claims at their times", texts);
}

/** What luck has tried, of the orders that there are. */
function coverage({ strategies }: RunResult): string {
  const texts = strategies.map((strategy) => [strategy.name, coverageText(strategy)] as const);
  return told("Orders that the load has visited", texts);
}

/** A line for each strategy that has a text. */
function told(
  title: string,
  texts: readonly (readonly [name: string, text: string | undefined])[],
): string {
  const items = texts.flatMap(([name, text]) =>
    text === undefined ? [] : [`- ${escaped(name)}: ${text}`],
  );
  return items.length === 0 ? "" : `### ${title}\n\n${items.join("\n")}`;
}

function faults(result: RunResult): string {
  const rows = faultsAcross(result).flatMap(({ fault, summary, strategies }) =>
    strategies.map(({ strategy, met }) => [
      escaped(fault),
      escaped(summary),
      escaped(strategy),
      count(met.injected),
      count(met.hit),
      escaped(recoveryText(met) ?? notAvailable),
    ]),
  );
  if (rows.length === 0) return "";
  const headings = ["fault", "how", "strategy", "injected", "hit", "recovery"];
  return `### Broken on purpose\n\n${table(headings, rows)}`;
}

function comparisons(result: RunResult): string {
  if (result.comparisons.length === 0) return "";
  const rows = result.comparisons.map((comparison) => [
    escaped(metricName(comparison.metric)),
    escaped(`${comparison.subject} / ${comparison.control}`),
    escaped(ratioText(comparison)),
  ]);
  const lines = table(
    ["metric", "compared", `ratio [${intervalsText(result.comparisons)} interval]`],
    rows,
  );
  const legend = result.comparisons.some(isUnclear) ? "\n\n\\~ no difference was shown" : "";
  const { sequential } = result;
  const stopping =
    sequential === undefined || sequential === null ? "" : `\n\n${escaped(sequential.summary)}`;
  return `### Compared, round by round\n\n${lines}${legend}${stopping}`;
}

function expectations(result: RunResult): string {
  if (result.expectations.length === 0) return "";
  const rows = result.expectations.map((expectation) => {
    const { symbol, text } = verdictStanding(expectation.verdict);
    const outcome = text === "VIOLATED" ? "missed" : text;
    return [code(expectation.text), escaped(expectation.actual), `${symbol} ${outcome}`];
  });
  return `### Expected\n\n${table(["expectation", "actual", "outcome"], rows)}`;
}

function warnings(result: RunResult): string {
  if (result.warnings.length === 0) return "";
  return ["> [!WARNING]", ...result.warnings.map((warning) => `> - ${escaped(warning)}`)].join(
    "\n",
  );
}

function replay(result: RunResult): string {
  const { postgres, toxiproxy, node, platform, cpus, cpuModel } = result.environment;
  const machine = `${postgres} · ${toxiproxy} · Node ${node} · ${platform} · ${cpus} × ${cpuModel}`;
  return `${escaped(machine)}\n\n${codeBlock(oneLine(result.replay), "sh")}`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
