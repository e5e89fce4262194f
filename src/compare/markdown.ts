import { escaped } from "../report/markdown/escape.ts";
import type { ComparedResult, ComparisonDocument } from "./comparison-result.ts";
import { changeText, comparedTexts, decisionTexts, titledGroups } from "./comparison-text.ts";

/** GitHub takes comments of at most 65,536 characters. */
const longestComment = 60_000;

const symbols = { better: "✓", same: "✓", worse: "✗", inconclusive: "?" } as const;

/** The comparison as GitHub Markdown, short enough for a comment on a pull request. */
export function markdownComparison(comparison: ComparisonDocument): string {
  const { verdict, headline, changes, unchanged, comparisons, notes } = comparison;
  const head = [
    `## ${symbols[verdict]} doubletake: ${decisionTexts[verdict].text}`,
    `**${escaped(headline)}**`,
    `Baseline \`${escaped(comparison.baseline.path)}\`, current \`${escaped(comparison.current.path)}\`; ${unchanged} verdicts as before.`,
  ];
  if (changes.length > 0) {
    head.push(
      changes
        .map(
          (change) =>
            `- ${symbols[change.decision]} ${escaped(`${change.scenario}: ${changeText(change)}`)}`,
        )
        .join("\n"),
    );
  }
  const tail = notes.map((note) => `> ${escaped(note)}`);
  return `${[...head, ...fitting(tablesOf(comparisons)), ...tail].join("\n\n")}\n`;
}

function tablesOf(comparisons: readonly ComparedResult[]): string[] {
  return titledGroups(comparisons).map(
    ([title, rows]) => `### ${escaped(title)}\n\n${table(rows)}`,
  );
}

function table(rows: readonly ComparedResult[]): string {
  const lines = rows.map((compared) => {
    const { metric, baseline, current, ratio, decision } = comparedTexts(compared);
    return [metric, baseline, current, ratio, decision].map(escaped);
  });
  const head = ["", "baseline", "current", "current / baseline", "decision"];
  return [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** As many tables as a comment holds, and how many were left out. */
function fitting(tables: readonly string[]): readonly string[] {
  let length = 0;
  const shown = tables.filter((text) => (length += text.length + 2) <= longestComment);
  const left = tables.length - shown.length;
  return left === 0
    ? shown
    : [...shown, `${left} more tables did not fit: compare --json has them.`];
}
