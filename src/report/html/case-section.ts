import { nsPerMs } from "../../base/clock.ts";
import { botOperations } from "../chart/bot-operations.ts";
import type { BotOperation } from "../chart/bot-operations.ts";
import { caseTimeline } from "../chart/case-timeline.ts";
import { figure } from "../chart/figure.ts";
import { commitText } from "../commit-text.ts";
import { caseSubject, eventTexts } from "../event-text.ts";
import { milliseconds } from "../number.ts";
import type { ClaimSql, Violation } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** One violation: what it is in a sentence, drawn, who ran which steps when, and the events that show it. */
export function caseMarkup(violation: Violation, sql: ClaimSql | undefined): Markup {
  const subject = caseSubject(violation);
  const place = `round ${violation.round} of the run${subject === "" ? "" : ` · ${subject}`}`;
  const hasBots = violation.events.some((event) => typeof event["bot"] === "number");
  return markup`<div class="case"><p>${violation.summary}</p><p class="facts">${place}</p>${hasBots && drawn(violation)}${hasBots && whoRanWhat(violation, sql)}${eventTable(violation, !hasBots)}</div>`;
}

function drawn(violation: Violation): Markup {
  const hasCommits = (violation.commits ?? []).some(({ at }) => at !== null);
  const commits =
    hasCommits && markup` An upright line inside a bar is where the database committed it.`;
  return figure({
    label: `${violation.summary}. One lane a bot; the table below lists the same operations.`,
    caption: markup`A disc is where the job was granted, the diamond and the dashed line where it was granted again.${commits}`,
    draw: (width) => caseTimeline(violation, width),
  });
}

/** The steps ran one after the other somewhere between asking and the answer; nobody recorded when each did. */
function whoRanWhat(violation: Violation, sql: ClaimSql | undefined): Markup {
  const operations = botOperations(violation);
  const fromNs = Math.min(...operations.map((operation) => operation.fromNs));
  const at = (ns: number): string => milliseconds((ns - fromNs) / nsPerMs);
  const rows = operations.map((operation) => [
    `bot ${operation.bot}`,
    at(operation.fromNs),
    operation.tone === "open" ? "no answer here" : at(operation.toNs),
    operation.label,
    stepsText(operation, sql),
    commitsOf(violation, operation, at),
  ]);
  return dataTable({
    caption:
      "Who ran what: times from the first question here; the steps ran between asking and the answer",
    headings: ["bot", "asked at", "answered at", "what came of it", "SQL steps", "committed at"],
    rows,
    className: "steps",
  });
}

function stepsText({ label }: BotOperation, sql: ClaimSql | undefined): string {
  if (!label.startsWith("claim")) return "–";
  return sql === undefined ? "not recorded" : sql.steps.map(({ name }) => name).join(" → ");
}

/** What the database recorded of this bot while the operation went on. */
function commitsOf(
  { commits = [] }: Violation,
  { bot, fromNs, toNs }: BotOperation,
  at: (ns: number) => string,
): string {
  const own = commits.filter(
    (change) => change["bot"] === bot && isWithin(change.at, fromNs, toNs),
  );
  if (own.length === 0) return "–";
  return own.map((change) => `${at(change.at ?? 0)}: ${commitText(change)}`).join("; ");
}

function isWithin(at: number | null, fromNs: number, toNs: number): boolean {
  return at !== null && at >= fromNs && at <= toNs;
}

/** Folded where the drawing says the same; open where there is none. */
function eventTable(violation: Violation, isOpen: boolean): Markup | undefined {
  if (violation.events.length === 0) return undefined;
  const table = dataTable({
    caption:
      "The smallest set of events that shows it; the first with its time from the start of the run",
    headings: ["at", "who", "what"],
    rows: eventTexts(violation.events).map(({ at, who, what }) => [at, who, what]),
  });
  return isOpen ? table : markup`<details><summary>The events</summary>${table}</details>`;
}
