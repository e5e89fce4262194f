import { isUnclear, metricName, ratioText, intervalsText } from "./comparison-text.ts";
import { faultsAcross } from "./faults-across.ts";
import type { FaultAcross } from "./faults-across.ts";
import type { ResultFormat } from "./format.ts";
import { count, duration } from "./number.ts";
import { oneLine } from "./plain-text.ts";
import { arrivalsText } from "./arrivals-text.ts";
import { queueingText } from "./queueing-text.ts";
import { recoveryText } from "./recovery-text.ts";
import type { RunResult } from "./result.ts";
import { coverageText } from "./schedule-coverage.ts";
import { runStanding, verdictStanding } from "./standing.ts";
import { evidence } from "./terminal/evidence.ts";
import { table, wrap } from "./terminal/layout.ts";
import type { Cell } from "./terminal/layout.ts";
import { plain } from "./terminal/paint.ts";
import type { Paint } from "./terminal/paint.ts";
import { isMatrix, strategyMatrix } from "./terminal/strategy-matrix.ts";
import { strategyTable } from "./terminal/strategy-table.ts";

export interface TerminalOptions {
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Where the reports lie, as the user would type it. */
  readonly folder?: string | undefined;
}

/** The summary as a file beside the others: no colours, at a width every viewer shows. */
export const terminal: ResultFormat = {
  kind: "result",
  name: "terminal",
  isDefault: true,
  render: (result) => ({ "summary.txt": terminalSummary(result, { paint: plain, columns: 120 }) }),
};

/** What `run` and `report` print on stdout: the verdict, the numbers and the evidence, and how to do it again. */
export function terminalSummary(result: RunResult, options: TerminalOptions): string {
  const page = { ...options, columns: Math.max(40, options.columns) };
  const sections = [
    title(result, page),
    ...(isMatrix(result.strategies) ? matrixSections(result, page) : fullSections(result, page)),
    expectations(result, page),
    warnings(result, page),
    footer(result, page),
  ];
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n").trimEnd())
    .join("\n\n");
  return `${text}\n`;
}

function fullSections(result: RunResult, page: TerminalOptions): string[][] {
  return [
    strategyTable(result.strategies, page.columns, page.paint),
    verdict(result, page),
    evidence(result, page),
    faults(result, page),
    queueing(result, page),
    arrivals(result, page),
    coverage(result, page),
    comparisons(result, page),
  ];
}

/** Of many strategies, what the controls did and how each compares with each would bury what the subjects did. */
function matrixSections(result: RunResult, page: TerminalOptions): string[][] {
  const subjects = result.strategies.filter(({ role }) => role === "subject");
  const uncaught = result.strategies.filter(
    (strategy) => strategy.role === "control" && strategy.verdict !== "violated",
  );
  const rest =
    "What the controls did, order and sharing, and comparisons of each with each are in report.html.";
  return [
    strategyMatrix(result.strategies, page.columns, page.paint),
    verdict(result, page),
    evidence({ ...result, strategies: [...subjects, ...uncaught] }, page),
    faults(result, page),
    wrap(rest, { columns: page.columns }).map((line) => page.paint("faint", line)),
  ];
}

function title(result: RunResult, page: TerminalOptions): string[] {
  const facts = [
    oneLine(result.scenario.name),
    oneLine(result.load.summary),
    // A no-break space, so that a number keeps its unit.
    `seed\u00a0${result.seed}`,
    duration(result.durationMs).replaceAll(" ", "\u00a0"),
  ];
  return wrap(facts.join(" · "), { columns: page.columns, hanging: 2 }).map((line) =>
    page.paint("faint", line.replaceAll("\u00a0", " ")),
  );
}

function verdict(result: RunResult, page: TerminalOptions): string[] {
  const { text, symbol, tone } = runStanding(result);
  const sentence = `${symbol} ${text.toUpperCase()}: ${oneLine(result.headline)}`;
  const lines = wrap(sentence, { columns: page.columns, hanging: 2 });
  const interrupted = result.interrupted ? ["  The run was interrupted before its end."] : [];
  return [...lines.map((line) => page.paint(tone, line)), ...interrupted];
}

/** What was measured of the subjects beside their verdict. */
function queueing({ strategies }: RunResult, page: TerminalOptions): string[] {
  const subjects = strategies.filter(({ role }) => role === "subject");
  const texts = subjects.map((strategy) => [strategy.name, queueingText(strategy)] as const);
  return told("Order and sharing, without a verdict", texts, page);
}

/** A load that came at its own times, whether the strategy kept up or not. */
function arrivals({ strategies }: RunResult, page: TerminalOptions): string[] {
  const texts = strategies.map((strategy) => [strategy.name, arrivalsText(strategy)] as const);
  return told("Claims at their times", texts, page);
}

/** What luck has tried, of the orders that there are. */
function coverage({ strategies }: RunResult, page: TerminalOptions): string[] {
  const texts = strategies.map((strategy) => [strategy.name, coverageText(strategy)] as const);
  return told("Orders that the load has visited", texts, page);
}

/** A line for each strategy that has a text. */
function told(
  heading: string,
  texts: readonly (readonly [name: string, text: string | undefined])[],
  { columns, paint }: TerminalOptions,
): string[] {
  const items = texts.flatMap(([name, text]) => {
    if (text === undefined) return [];
    const lines = wrap(`${oneLine(name)}: ${text}`, { columns: columns - 2, hanging: 2 });
    return lines.map((line) => `  ${line}`);
  });
  return items.length === 0 ? [] : [paint("strong", heading), ...items];
}

function faults(result: RunResult, page: TerminalOptions): string[] {
  const across = faultsAcross(result);
  if (across.length === 0) return [];
  return [
    page.paint("strong", "Broken on purpose"),
    ...across.flatMap((fault) => faultLines(fault, page)),
  ];
}

function faultLines({ fault, summary, strategies }: FaultAcross, page: TerminalOptions): string[] {
  const rows = strategies.map(({ strategy, met }): Cell[] => [
    { text: `    ${oneLine(strategy)}` },
    { text: `injected ${count(met.injected)}` },
    { text: `hit ${count(met.hit)}`, style: met.hit === 0 ? "unsure" : undefined },
    { text: recoveryText(met) ?? "", style: "faint" },
  ]);
  const head = `${oneLine(fault)}: ${oneLine(summary)}`;
  const { columns, paint } = page;
  return [...wrap(head, { columns, indent: 2, hanging: 4 }), ...table(rows, paint)];
}

function comparisons(result: RunResult, page: TerminalOptions): string[] {
  if (result.comparisons.length === 0) return [];
  const rows = result.comparisons.map((comparison) => [
    { text: `  ${metricName(comparison.metric)}` },
    { text: `${oneLine(comparison.subject)} / ${oneLine(comparison.control)}` },
    { text: ratioText(comparison) },
  ]);
  const anyUnclear = result.comparisons.some(isUnclear);
  const intervals = intervalsText(result.comparisons);
  return [
    page.paint("strong", `Compared, round by round, with ${intervals} intervals`),
    ...table(rows, page.paint),
    ...(anyUnclear ? [page.paint("faint", "  ~ no difference was shown")] : []),
    ...stopping(result, page),
  ];
}

/** Why there are as many rounds as there are, where the run itself decided it. */
function stopping({ sequential }: RunResult, page: TerminalOptions): string[] {
  if (sequential === undefined || sequential === null) return [];
  const lines = wrap(sequential.summary, { columns: page.columns, indent: 2, hanging: 2 });
  return lines.map((line) => page.paint("faint", line));
}

function expectations(result: RunResult, page: TerminalOptions): string[] {
  if (result.expectations.length === 0) return [];
  const rows = result.expectations.map((expectation): Cell[] => {
    const { symbol, text, tone } = verdictStanding(expectation.verdict);
    return [
      { text: `  ${symbol} ${text === "VIOLATED" ? "missed" : text}`, style: tone },
      { text: oneLine(expectation.text) },
      { text: oneLine(expectation.actual) },
    ];
  });
  return [page.paint("strong", "Expected"), ...table(rows, page.paint)];
}

function warnings(result: RunResult, page: TerminalOptions): string[] {
  if (result.warnings.length === 0) return [];
  const lines = result.warnings.flatMap((warning) =>
    wrap(`! ${oneLine(warning)}`, { columns: page.columns, indent: 2, hanging: 4 }),
  );
  return [page.paint("unsure", "Warnings"), ...lines];
}

function footer(result: RunResult, page: TerminalOptions): string[] {
  const report = page.folder === undefined ? "report.html" : `${page.folder}/report.html`;
  return [`Report  ${report}`, `Again   ${oneLine(result.replay)}`];
}
