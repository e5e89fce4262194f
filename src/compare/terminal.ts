import { table, wrap } from "../report/terminal/layout.ts";
import type { Cell } from "../report/terminal/layout.ts";
import type { Paint } from "../report/terminal/paint.ts";
import type { ComparedResult, ComparisonDocument } from "./comparison-result.ts";
import { changeText, comparedTexts, decisionTexts, titledGroups } from "./comparison-text.ts";

export interface TerminalOptions {
  readonly paint: Paint;
  readonly columns: number;
}

/** The comparison for a terminal: the verdict, what came out differently, the numbers. */
export function terminalComparison(
  comparison: ComparisonDocument,
  { paint, columns }: TerminalOptions,
): string {
  const { tone } = decisionTexts[comparison.verdict];
  const lines = [
    ...wrap(comparison.headline, { columns }).map((line) => paint(tone, line)),
    "",
    ...changeLines(comparison, paint),
    ...tables(comparison, paint),
    ...comparison.notes.flatMap((note) => wrap(note, { columns, hanging: 2 })),
  ];
  return `${lines.join("\n")}\n`;
}

function changeLines({ changes, unchanged }: ComparisonDocument, paint: Paint): string[] {
  const same = `${unchanged} verdict${unchanged === 1 ? "" : "s"} as before`;
  return [
    ...changes.map((change) => {
      const { text, tone } = decisionTexts[change.decision];
      return `${paint(tone, text)}  ${change.scenario}: ${changeText(change)}`;
    }),
    paint("faint", same),
    "",
  ];
}

function tables({ comparisons }: ComparisonDocument, paint: Paint): string[] {
  return titledGroups(comparisons).flatMap(([title, rows]) => [
    paint("strong", title),
    ...table([heading, ...rows.map(row)], paint),
    "",
  ]);
}

const heading: readonly Cell[] = ["", "baseline", "current", "current / baseline", ""].map(
  (text) => ({ text, style: "faint" }),
);

function row(compared: ComparedResult): Cell[] {
  const texts = comparedTexts(compared);
  const { tone } = decisionTexts[compared.decision];
  const style = compared.advisory ? "faint" : tone;
  const plain = [texts.metric, texts.baseline, texts.current, texts.ratio];
  return [...plain.map((text) => ({ text })), { text: texts.decision, style }];
}
