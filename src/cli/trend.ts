import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { Command } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { readResults } from "../report/read-all.ts";
import { makeTrend } from "../trend/make-trend.ts";
import { trendPage } from "../trend/trend-page.ts";
import type { Trend } from "../trend/trend-result.ts";
import { changesByDate, runsText } from "../trend/trend-text.ts";

interface TrendFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function trendCommand(): Command {
  return new Command("trend")
    .description(
      "writes one page of all results in a folder: each number over time, and where it changed",
    )
    .argument("<folder>", "a folder of run folders, such as reports")
    .option("--out <file>", "where the page goes (default: trend.html in the folder)")
    .option("--json", "print one JSON document on stdout, and write nothing")
    .action(trend);
}

async function trend(folder: string, { out, json }: TrendFlags): Promise<void> {
  const found = makeTrend(folder, await readResults(folder));
  if (json) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  const page = out ?? join(folder, "trend.html");
  await write(page, trendPage(found));
  process.stdout.write(summary(found, page));
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    const what = `the page cannot be written (${(cause as NodeJS.ErrnoException).code})`;
    throw new HarnessError({
      kind: "environment",
      what,
      where: file,
      hint: "--out names another file",
      cause,
    });
  }
}

function summary(found: Trend, page: string): string {
  const changes = changesByDate(found.series).map(({ text }) => text);
  const lines = changes.length === 0 ? ["no level changed"] : changes;
  const counts = `${runsText(found)}, ${found.series.length} series`;
  return `${[counts, ...lines, ...found.notes, relative(process.cwd(), page)].join("\n")}\n`;
}
