import { appendFileSync, readFileSync, statSync } from "node:fs";
import { annotationLine, annotationsOf } from "../report/github/annotations.ts";
import { markdown } from "../report/markdown.ts";
import type { RunResult } from "../report/result.ts";

/** GitHub refuses a step's summary above this as a whole. */
const mostSummaryBytes = 1_048_576;

/**
 * Inside a GitHub workflow: annotations at the lines of the scenario, and the summary on the page of the job. Elsewhere
 * nothing. `writesAnswer`: stdout is for annotations too, and not for one JSON document alone.
 */
export function tellGitHub(
  result: RunResult,
  options: {
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    readonly writesAnswer: boolean;
    readonly write: (text: string) => void;
  },
): void {
  const { environment, writesAnswer, write } = options;
  if (environment["GITHUB_ACTIONS"] !== "true") return;
  if (writesAnswer) {
    const { file } = result.scenario;
    for (const annotation of annotationsOf(result, textOf(file))) {
      write(`${annotationLine(file, annotation)}\n`);
    }
  }
  const summary = environment["GITHUB_STEP_SUMMARY"];
  if (summary !== undefined && summary !== "") appendSummary(summary, result);
}

/** Several scenarios of one step share the room; one that does not fit is told of by its first lines. */
function appendSummary(file: string, result: RunResult): void {
  const whole = markdown.render(result)["summary.md"] ?? "";
  const room = mostSummaryBytes - sizeOf(file) - 1;
  const [title = "", , headline = ""] = whole.split("\n");
  const short = `${title}\n\n${headline}\n`;
  const fitting = [whole, short].find((text) => Buffer.byteLength(text) <= room);
  if (fitting === undefined) return;
  try {
    appendFileSync(file, `${fitting}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    process.stderr.write(`doubletake: the job summary cannot be written (${code ?? "unknown"})\n`);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
