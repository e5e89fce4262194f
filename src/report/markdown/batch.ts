import type { Batch, BatchEntry } from "../batch.ts";
import { countsText, outcomeTexts } from "../batch.ts";
import { duration } from "../number.ts";
import { hitsText, tookText } from "../times.ts";
import { escaped } from "./escape.ts";

/** index.md: the batch as GitHub Markdown, for the summary of a nightly job. */
export function batchMarkdown(batch: Batch): string {
  const rows = batch.runs.map((run) => {
    const { symbol, text } = outcomeTexts[run.outcome];
    return [
      escaped(run.scenario),
      `${symbol} ${text}`,
      found(run),
      run.times === undefined ? duration(run.durationMs) : tookText(run.times),
    ];
  });
  const head = ["scenario", "outcome", "what was found", "took"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const interrupted = batch.interrupted ? "\n\nInterrupted before the last one." : "";
  return `## ${batch.runs.length} scenarios: ${countsText(batch)}\n\n${lines.join("\n")}${interrupted}\n`;
}

function found({ headline, times }: BatchEntry): string {
  return [headline, times === undefined ? "" : hitsText(times)]
    .filter((text) => text !== "")
    .map(escaped)
    .join("<br>");
}
