import type { RunResult } from "../report/result.ts";
import { terminalSummary } from "../report/terminal.ts";
import { paintFor } from "../report/terminal/paint.ts";

const usualColumns = 100;

/** The answer of `run`, `check` and `report` on stdout, in colour where stdout shows it. */
export function printResult(result: RunResult, folder: string | undefined): void {
  const columns = process.stdout.columns ?? usualColumns;
  const paint = paintFor(process.stdout);
  process.stdout.write(terminalSummary(result, { paint, columns, folder }));
}
