import { describe, expect, it } from "vitest";

import { compareResults } from "../../src/compare/compare-results.ts";
import { defaultMargins } from "../../src/compare/compared-metric.ts";
import type { ComparisonDocument } from "../../src/compare/comparison-result.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { plain } from "../../src/report/terminal/paint.ts";
import { runOf } from "./results.ts";

function comparison(name?: string): ComparisonDocument {
  const named = name === undefined ? {} : { name };
  const before = runOf({
    metrics: { "costPerClaim.statements": [3, 3], claimsPerSecond: [100, 102] },
    subject: named,
  });
  const now = runOf({
    metrics: { "costPerClaim.statements": [4, 4], claimsPerSecond: [50, 51] },
    control: { verdict: "passed" },
    subject: named,
  });
  return compareResults({
    baseline: { path: "before", files: [before] },
    current: { path: "now", files: [now] },
    margins: defaultMargins,
  });
}

describe("a comparison on a terminal", () => {
  const text = terminalComparison(comparison(), { paint: plain, columns: 80 });

  it("begins with what it comes to, in lines no wider than the terminal", () => {
    expect(text.split("\n")[0]).toBe("worse: costPerClaim.statements of skip-locked");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("shows each number on both sides, its ratio and what that means", () => {
    expect(text).toMatch(/statements per claim\s+3\.00\s+4\.00\s+1\.33×\s+WORSE/);
    expect(text).toMatch(/claims\/s\s+101\s+50\.5\s+0\.50× \[.*\]\s+worse\*/);
  });

  it("names what came out differently, in the words of before and now", () => {
    expect(text).toContain("unclear  quickstart: is caught of naive: passed → inconclusive");
  });
});

describe("a comparison in Markdown", () => {
  it("escapes what comes from a file", () => {
    const text = markdownComparison(comparison("<script>|@all"));
    expect(text).not.toContain("<script>");
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toMatch(/@all/);
  });

  it("fits into a comment, and says what it left out", () => {
    const one = comparison();
    const many = Array.from({ length: 500 }, (_, i) =>
      one.comparisons.map((each) => ({ ...each, strategy: `strategy-${i}` })),
    ).flat();
    const text = markdownComparison({ ...one, comparisons: many });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more tables did not fit/);
  });
});
