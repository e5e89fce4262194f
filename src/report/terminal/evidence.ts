import { casesToShow } from "../cases-to-show.ts";
import { caseSubject, eventTexts } from "../event-text.ts";
import { count } from "../number.ts";
import { oneLine } from "../plain-text.ts";
import type { CheckResult, RunResult, StrategyResult, Violation } from "../result.ts";
import { verdictStanding } from "../standing.ts";
import { table, wrap } from "./layout.ts";
import type { Paint } from "./paint.ts";

const eventsShown = 8;

interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

/** What was found: of the subjects, whose violations are what the reader must know, then of the controls. */
export function evidence(result: RunResult, page: Page): string[] {
  return result.strategies.flatMap((strategy) => strategyEvidence(strategy, page));
}

function strategyEvidence(strategy: StrategyResult, page: Page): string[] {
  const violated = strategy.checks.filter((check) => check.verdict === "violated");
  const unsure = strategy.checks.filter((check) => check.verdict === "inconclusive");
  if (violated.length + unsure.length === 0) return [];
  const role = strategy.role === "control" ? ", the control" : "";
  return [
    page.paint("strong", `${oneLine(strategy.name)}${role}`),
    ...violated.flatMap((check, place) =>
      checkLines(check, page).concat(caseList(check, casesToShow(strategy, place), page)),
    ),
    ...unsure.flatMap((check) => checkLines(check, page)),
    "",
  ];
}

function caseList(check: CheckResult, cases: number, page: Page): string[] {
  const shown = check.evidence.slice(0, cases);
  const rest = check.count - shown.length;
  return [
    ...shown.flatMap((violation) => caseLines(violation, page)),
    ...(rest > 0 && shown.length > 0
      ? [page.paint("faint", `      and ${count(rest)} more; report.html shows up to five`)]
      : []),
  ];
}

function checkLines(check: CheckResult, page: Page): string[] {
  const { symbol, tone } = verdictStanding(check.verdict);
  const times = check.count > 0 ? `, ${count(check.count)}×` : "";
  const text = `${symbol} ${oneLine(check.name)}${times}: ${oneLine(check.property)}`;
  const { columns, paint } = page;
  const head = wrap(text, { columns, indent: 2, hanging: 4 }).map((line) => paint(tone, line));
  const note = check.note === undefined ? [] : wrap(oneLine(check.note), { columns, indent: 4 });
  return [...head, ...note];
}

function caseLines(violation: Violation, page: Page): string[] {
  const subject = caseSubject(violation);
  const place = `round ${violation.round}${subject === "" ? "" : ` · ${subject}`}`;
  const texts = eventTexts(violation.events).slice(0, eventsShown);
  const rows = texts.map(({ at, who, what }) => [
    { text: `        ${at}` },
    { text: who },
    { text: oneLine(what) },
  ]);
  const hidden = violation.events.length - texts.length;
  return [
    ...wrap(`• ${oneLine(violation.summary)}`, { columns: page.columns, indent: 4, hanging: 6 }),
    page.paint("faint", `      ${place}`),
    ...table(rows, page.paint).map((line) => cut(line, page.columns)),
    ...(hidden > 0 ? [page.paint("faint", `        and ${hidden} more events`)] : []),
  ];
}

/** An event is one line: what does not fit is in report.html. */
function cut(line: string, columns: number): string {
  const characters = Array.from(line);
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join("")}…`;
}
