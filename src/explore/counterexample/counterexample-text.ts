import { oneLine } from "../../report/plain-text.ts";
import { rowsOf, titleOf } from "./counterexample-rows.ts";
import type { StepRow } from "./counterexample-rows.ts";
import type { Counterexample } from "./counterexample.ts";

/** Wider than that, a cell is cut: its statement stands in the file. */
const widest = 44;

/** A table with a column for each bot, and what is broken below it. */
export function counterexampleText(counterexample: Counterexample): string {
  const { bots, broken } = counterexample;
  const numbers = Array.from({ length: botsOf(counterexample, bots) }, (_, at) => at + 1);
  const lines = rowsOf(counterexample).flatMap((row) => linesOf(row, numbers));
  const head = ["", ...numbers.map((bot) => nameOf(bot, counterexample))];
  const widths = head.map((name, column) =>
    Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const written = [head, ...lines].map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const verdicts = broken.map(({ property, how }) => `${property} is broken: ${oneLine(how)}`);
  return [titleOf(counterexample), ...written, ...verdicts, ""].join("\n");
}

/** Beside the bots, those who play along: a rescuer. */
export function botsOf({ steps }: Counterexample, bots: number): number {
  return Math.max(bots, ...steps.map(({ bot }) => bot));
}

/** Where bots crash one more comes after them, and the rescuer after that. */
export function nameOf(bot: number, { bots, steps }: Counterexample): string {
  if (bot <= bots) return `bot ${bot}`;
  const hasSuccessor = steps.some(({ crash }) => crash !== undefined);
  return hasSuccessor && bot === bots + 1 ? "successor" : "rescuer";
}

/** As many lines as the busiest bot of the step needs. */
function linesOf({ number, cells }: StepRow, bots: readonly number[]): string[][] {
  const columns = bots.map((bot) => cells.filter((cell) => cell.bot === bot));
  const height = Math.max(1, ...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, at) => [
    at === 0 ? String(number) : "",
    ...columns.map((column) => cut(oneLine(column[at]?.text ?? ""))),
  ]);
}

function cut(text: string): string {
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}
