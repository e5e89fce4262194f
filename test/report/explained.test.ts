import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { packageRoot } from "../../src/base/package-root.ts";
import { html } from "../../src/report/html.ts";
import { terminalSummary } from "../../src/report/terminal.ts";
import { plain } from "../../src/report/terminal/paint.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";

const guide = normal(readFileSync(join(packageRoot, "docs/reading-a-report.md"), "utf8"));

/** Words as a reader looks for them: neither letter case nor emphasis nor line breaks matter. */
function normal(text: string): string {
  return text.replaceAll(/[*`]/g, "").replaceAll(/\s+/g, " ").toLowerCase();
}

/** Names and captions that are a run's own and no label of the report. */
function ownNames({ strategies }: RunResult): ReadonlySet<string> {
  return new Set(
    strategies.flatMap(({ name, checks, faults, claimSql, waits }) => [
      name,
      `${name} (${(waits?.samples ?? 0).toLocaleString("en-US")} looks)`,
      ...checks.map((check) => check.name),
      ...faults.map(({ fault }) => fault),
      ...(claimSql?.steps ?? []).map((step) => step.name),
    ]),
  );
}

/** Headings of sections and of columns, and the labels of the table of strategies. */
function labelsOf(result: RunResult): readonly string[] {
  const text = html.render(result)["report.html"] ?? "";
  const summary = /<table class="summary[^>]*>.*?<\/table>/s.exec(text)?.[0] ?? "";
  const found = [
    ...text.matchAll(/<h2[^>]*>(.*?)<\/h2>/g),
    ...text.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g),
    ...summary.matchAll(/<th scope="row"[^>]*>(.*?)<\/th>/g),
  ].map(([, label = ""]) => label.replaceAll(/<[^>]*>/g, ""));
  const own = ownNames(result);
  const isRound = /^round \d+$/;
  return [...new Set(found)].filter((label) => !own.has(label) && !isRound.test(label));
}

describe("docs/reading-a-report.md", () => {
  test.each(samples)(
    "explains every heading and label in the report of the sample %s",
    (sample) => {
      const labels = labelsOf(sampleResult(sample));
      expect(labels.length).toBeGreaterThan(20);
      expect(labels.filter((label) => !guide.includes(normal(label)))).toEqual([]);
    },
  );

  test("explains the columns of the summary", () => {
    const text = terminalSummary(sampleResult("passed"), { paint: plain, columns: 140 });
    const heads = text.split("\n").find((line) => line.startsWith("strategy ")) ?? "";
    const columns = heads.trim().split(/ {2,}/);
    expect(columns.length).toBeGreaterThan(5);
    expect(columns.filter((column) => !guide.includes(normal(column)))).toEqual([]);
  });

  test("is asked in a way that can fail", () => {
    expect(guide.includes(normal("a column nobody explained"))).toBe(false);
  });
});
