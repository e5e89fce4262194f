import { caseTimeline } from "../chart/case-timeline.ts";
import { figure } from "../chart/figure.ts";
import { caseSubject, eventTexts } from "../event-text.ts";
import { count } from "../number.ts";
import type { CheckResult, RunResult, StrategyResult, Violation } from "../result.ts";
import { standing, verdictStanding } from "../standing.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { dataTable } from "./table.ts";

/** Every check of every strategy, and the evidence of those that were violated. */
export function checksSection(result: RunResult): Markup {
  return markup`${result.strategies.map(strategyChecks)}`;
}

function strategyChecks(strategy: StrategyResult): Markup {
  const role = strategy.role === "control" ? ", the control" : "";
  return markup`<h3>${strategy.name}${role} ${standingBadge(standing(strategy))}</h3>
<p class="facts">${strategy.summary}</p>
${checkList(strategy)}
${notJudged(strategy)}
${strategyEvidence(strategy)}`;
}

/** A list, not a table: on a phone the property goes below the name and the verdict. */
function checkList(strategy: StrategyResult): Markup {
  return markup`<ul class="checks" aria-label="What was checked of ${strategy.name}">${strategy.checks.map((check) => checkItem(check, strategy.role))}</ul>`;
}

function checkItem(check: CheckResult, role: StrategyResult["role"]): Markup {
  const times = check.count > 0 && markup` ${count(check.count)}×`;
  const note = check.note !== undefined && markup`<br><span class="faint">${check.note}</span>`;
  return markup`<li><code>${check.name}</code><span>${checkBadge(check, role)}${times}</span><span>${check.property}${note}</span></li>`;
}

/** What a control violates is no alarm. */
function checkBadge({ verdict }: CheckResult, role: StrategyResult["role"]): Markup {
  const outcome = verdictStanding(verdict);
  const isExpected = role === "control" && verdict === "violated";
  return isExpected
    ? standingBadge({ ...outcome, text: "violated" }, "expected")
    : standingBadge(outcome);
}

function notJudged(strategy: StrategyResult): Markup | undefined {
  if (strategy.notJudged.length === 0) return undefined;
  const items = strategy.notJudged.map(
    ({ name, reason }) => markup`<li><code>${name}</code>: ${reason}</li>`,
  );
  const number = strategy.notJudged.length;
  return markup`<details><summary>Not judged: ${number} ${number === 1 ? "check" : "checks"} whose matter does not occur here</summary><ul>${items}</ul></details>`;
}

/** A subject's stands open. Of a control the first case is enough to see that it was caught. */
function strategyEvidence({ checks, role }: StrategyResult): readonly Markup[] {
  const shown = checks.filter((check) => check.evidence.length > 0);
  if (role === "subject") {
    return shown.map(
      (check) => markup`<h4>${evidenceTitle(check)}</h4>${check.evidence.map(caseMarkup)}`,
    );
  }
  return shown.map((check, place) => {
    const cases = check.evidence.map(caseMarkup);
    if (place > 0) return folded(evidenceTitle(check), cases);
    const [first, ...others] = cases;
    const rest = others.length > 0 && folded(markup`More of them`, others);
    return markup`<h4>${evidenceTitle(check)}</h4>${first}${rest}`;
  });
}

function folded(title: Markup, content: readonly Markup[]): Markup {
  return markup`<details><summary>${title}</summary>${content}</details>`;
}

function evidenceTitle(check: CheckResult): Markup {
  const shown = check.evidence.length;
  const extent =
    check.count > shown ? `${shown} of ${count(check.count)} cases` : `${count(check.count)}×`;
  return markup`Evidence: <code>${check.name}</code>, ${extent}`;
}

function caseMarkup(violation: Violation): Markup {
  const subject = caseSubject(violation);
  const place = `round ${violation.round} of the run${subject === "" ? "" : ` · ${subject}`}`;
  const hasBots = violation.events.some((event) => typeof event["bot"] === "number");
  const drawn =
    hasBots &&
    figure({
      label: `${violation.summary}. One lane a bot; the table below lists the same events.`,
      draw: (width) => caseTimeline(violation, width),
    });
  return markup`<div class="case"><p>${violation.summary}</p><p class="facts">${place}</p>${drawn}${eventTable(violation, !hasBots)}</div>`;
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
