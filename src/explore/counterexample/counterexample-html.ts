import { htmlDocument } from "../../report/html/document.ts";
import { markup } from "../../report/html/markup.ts";
import type { Markup } from "../../report/html/markup.ts";
import { botsOf, nameOf } from "./counterexample-text.ts";
import { rowsOf, titleOf } from "./counterexample-rows.ts";
import type { StepRow } from "./counterexample-rows.ts";
import type { Counterexample, RecordedStep } from "./counterexample.ts";
import { withValues } from "../sql-text.ts";

const ours = `
table.schedule td { border-left: 1px solid var(--rule); padding-left: 0.9rem; }
.waits { color: var(--unsure); font-style: italic; }
.error { color: var(--bad); }
.told { font-weight: 600; }
`;

/** One page without a script, on which nothing is loaded: the schedule, and every statement as it was sent. */
export function counterexampleHtml(counterexample: Counterexample): string {
  const { broken, steps, bots, left } = counterexample;
  const numbers = Array.from({ length: botsOf(counterexample, bots) }, (_, at) => at + 1);
  const title = titleOf(counterexample);
  return htmlDocument({
    title,
    style: ours,
    main: markup`<h1>${title}</h1>
${broken.map(({ property, how }) => markup`<p><span class="standing bad">${property}</span> ${how}</p>`)}
<div class="scroll"><table class="schedule">
<thead><tr><th>step</th>${numbers.map((bot) => markup`<th>${nameOf(bot, counterexample)}</th>`)}</tr></thead>
<tbody>
${rowsOf(counterexample).map((row) => rowMarkup(row, numbers))}
</tbody>
</table></div>
${leftMarkup(left)}
<h2>Statements</h2>
<ol>${steps.map((step) => markup`<li>${nameOf(step.bot, counterexample)}<pre>${statementText(step)}</pre></li>`)}</ol>`,
  });
}

/** In the tables of a module nobody knows what a job is. */
function leftMarkup(left: Counterexample["left"]): Markup {
  if (left.length === 0) return markup``;
  return markup`<h2>The jobs at the end</h2>
<ul>${left.map(({ id, status, claimed_by: by, attempt }) => markup`<li>job ${id}: ${status}, attempt ${attempt}${by === null ? "" : `, held by bot ${by}`}</li>`)}</ul>`;
}

function rowMarkup({ number, cells }: StepRow, bots: readonly number[]): Markup {
  const columns = bots.map((bot) => cells.filter((cell) => cell.bot === bot));
  return markup`<tr><th>${number}</th>${columns.map((column) => markup`<td>${column.map(({ kind, text }) => markup`<div class="${kind}">${text}</div>`)}</td>`)}</tr>`;
}

function statementText({ before, sql, values }: RecordedStep): string {
  return [...before, withValues(sql, values)].map((text) => `${text};`).join("\n");
}
