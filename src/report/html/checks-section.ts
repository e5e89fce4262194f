import { count } from "../number.ts";
import type { CheckResult, RunResult, StrategyResult } from "../result.ts";
import { standing, verdictStanding } from "../standing.ts";
import { caseMarkup } from "./case-section.ts";
import { checksMatrix } from "./checks-matrix.ts";
import { claimSqlMarkup } from "./claim-sql.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { mostColumns } from "./strategy-table.ts";

/** Every check of every strategy, and the evidence of those that were violated. */
export function checksSection({ strategies }: RunResult): Markup {
  const isMatrix = strategies.length > mostColumns;
  const each = strategies.map((strategy, place) => strategyChecks(strategy, place, isMatrix));
  return markup`${isMatrix && checksMatrix(strategies)}${each}`;
}

/** In a matrix only what a reader must act on stands open. */
function strategyChecks(strategy: StrategyResult, place: number, isMatrix: boolean): Markup {
  const role = strategy.role === "control" ? ", the control" : "";
  const title = markup`${strategy.name}${role} ${standingBadge(standing(strategy))}`;
  const hasCases = strategy.checks.some(({ evidence }) => evidence.length > 0);
  const sql = strategy.claimSql && claimSqlMarkup(strategy.claimSql, hasCases && !isMatrix);
  const content = markup`<p class="facts">${strategy.summary}</p>
${checkList(strategy)}
${notJudged(strategy)}
${sql}
${strategyEvidence(strategy)}`;
  const mustBeSeen = strategy.role === "subject" && strategy.verdict !== "passed";
  return isMatrix && !mustBeSeen
    ? markup`<details data-strategy="${place}"><summary>${title}</summary>${content}</details>`
    : markup`<div data-strategy="${place}"><h3>${title}</h3>${content}</div>`;
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
function strategyEvidence({ checks, role, claimSql }: StrategyResult): readonly Markup[] {
  const casesOf = ({ evidence }: CheckResult): readonly Markup[] =>
    evidence.map((violation) => caseMarkup(violation, claimSql));
  const shown = checks.filter((check) => check.evidence.length > 0);
  if (role === "subject") {
    return shown.map((check) => markup`<h4>${evidenceTitle(check)}</h4>${casesOf(check)}`);
  }
  return shown.map((check, place) => {
    const cases = casesOf(check);
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
