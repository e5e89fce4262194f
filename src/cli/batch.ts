import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { wallClock } from "../base/clock.ts";
import { HarnessError } from "../base/harness-error.ts";
import { packageVersion } from "../base/package-root.ts";
import type { Plan } from "../plan/plan.ts";
import type { Batch, BatchEntry } from "../report/batch.ts";
import { countsText, outcomeTexts } from "../report/batch.ts";
import { batchPage } from "../report/html/batch-page.ts";
import { batchMarkdown } from "../report/markdown/batch.ts";
import { table } from "../report/terminal/layout.ts";
import { paintFor } from "../report/terminal/paint.ts";
import { hitsText, tookText } from "../report/times.ts";
import type { ConcludedRun } from "./carry-out.ts";
import { exitCodes } from "./exit-code.ts";

/** Several scenarios of one command, as they come out. */
export class BatchRecord {
  readonly #startedAt = wallClock();
  readonly #runs: BatchEntry[] = [];

  add(entry: BatchEntry): void {
    this.#runs.push(entry);
  }

  finish(exitCode: number, interrupted: boolean): Batch {
    return {
      schema: 1,
      doubletake: packageVersion(),
      startedAt: this.#startedAt.toISOString(),
      durationMs: wallClock().getTime() - this.#startedAt.getTime(),
      exitCode,
      interrupted,
      runs: this.#runs,
    };
  }
}

/** A run that was judged. */
export function entryOfRun(plan: Plan, { result, folder }: ConcludedRun): BatchEntry {
  const { verdict, exitCode, durationMs, headline } = result;
  const isMissed = verdict === "passed" && exitCode === exitCodes.expectationMissed;
  const outcome = isMissed ? "missed" : verdict;
  const facts = { outcome, exitCode, durationMs, headline, folder: basename(folder) } as const;
  return { ...named(plan), ...facts };
}

/** A scenario that came to no verdict, and why. */
export function entryOfMiss(
  plan: Plan,
  miss: Pick<BatchEntry, "exitCode" | "headline"> & { readonly outcome: "skipped" | "failed" },
): BatchEntry {
  return { ...named(plan), ...miss, durationMs: 0, folder: null };
}

function named({ scenario }: Plan): Pick<BatchEntry, "scenario" | "description" | "tags"> {
  return {
    scenario: scenario.name,
    description: scenario.description,
    tags: [...scenario.tags],
  };
}

/** Writes the index of a batch beside its run folders; returns its path. */
export function writeIndex(out: string, batch: Batch): string {
  const page = join(out, "index.html");
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(page, batchPage(batch));
    writeFileSync(join(out, "index.md"), batchMarkdown(batch));
    writeFileSync(join(out, "index.json"), `${JSON.stringify(batch, null, 2)}\n`);
  } catch (cause) {
    const what = `the index cannot be written (${(cause as NodeJS.ErrnoException).code})`;
    throw new HarnessError({ kind: "environment", what, where: out, cause });
  }
  return page;
}

/** The batch on a terminal: a line a scenario. */
export function batchSummary(batch: Batch, page: string): string {
  const paint = paintFor(process.stdout);
  const rows = batch.runs.map(({ scenario, outcome, headline, times }) => {
    const { symbol, text, tone } = outcomeTexts[outcome];
    const line = [{ text: `${symbol} ${text}`, style: tone }, { text: scenario }];
    if (times === undefined) return [...line, { text: headline }];
    const found = [headline, hitsText(times)].filter((each) => each !== "").join(" · ");
    return [...line, { text: tookText(times) }, { text: found }];
  });
  return `\n${[...table(rows, paint), "", countsText(batch), page].join("\n")}\n`;
}
