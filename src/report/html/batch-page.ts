import type { Batch, BatchEntry } from "../batch.ts";
import { countsText, outcomeTexts } from "../batch.ts";
import { duration } from "../number.ts";
import { hitsText, tookText } from "../times.ts";
import { htmlDocument } from "./document.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { standingBadge } from "./standing-badge.ts";
import { dataTable } from "./table.ts";

/** index.html: every scenario of a batch with its question, its outcome and a link to its report. */
export function batchPage(batch: Batch): string {
  const counts = countsText(batch);
  return htmlDocument({
    title: counts,
    madeBy: batch.doubletake,
    main: markup`<h1>${batch.runs.length} scenarios: ${counts}</h1>
<p class="facts">${batch.startedAt} · ${duration(batch.durationMs)} · exit code ${batch.exitCode}${batch.interrupted && " · interrupted before the last one"}</p>
${dataTable({
  caption: "Each scenario asks one question",
  headings: ["scenario", "outcome", "question", "what was found", "took"],
  rows: batch.runs.map(row),
})}`,
  });
}

function row(run: BatchEntry): (Markup | string)[] {
  const name = markup`<strong>${run.scenario}</strong>`;
  const link =
    run.folder === null
      ? name
      : markup`<a href="./${encodeURIComponent(run.folder)}/report.html">${name}</a>`;
  const badge = standingBadge(outcomeTexts[run.outcome]);
  return [link, badge, run.description, found(run), took(run)];
}

/** Of a scenario that was run several times, also what its faults hit, and a link to each way it came out. */
function found({ headline, times }: BatchEntry): Markup | string {
  if (times === undefined) return headline;
  const kept = times.flatMap(({ folder }, place) => (folder === null ? [] : [{ folder, place }]));
  const links = kept.map(
    ({ folder, place }) =>
      markup` <a href="./${encodeURIComponent(folder)}/report.html">time ${place + 1}</a>`,
  );
  return markup`${headline}<br>${hitsText(times)}${kept.length > 1 && markup`<br>${links}`}`;
}

function took({ durationMs, times }: BatchEntry): string {
  return times === undefined ? duration(durationMs) : tookText(times);
}
