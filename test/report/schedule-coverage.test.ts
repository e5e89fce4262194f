import { describe, expect, it } from "vitest";
import { html } from "../../src/report/html.ts";
import { markdown } from "../../src/report/markdown.ts";
import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { coverageText } from "../../src/report/schedule-coverage.ts";
import { plain } from "../../src/report/terminal/paint.ts";
import { terminalSummary } from "../../src/report/terminal.ts";
import { sampleResult } from "./golden.ts";

const coverage = {
  classes: 4,
  visited: 2,
  possible: 1,
  isWhole: true,
  pairs: { looked: 1448, certain: 346 },
};

function withCoverage(): RunResult {
  const result = sampleResult("passed");
  const [first, ...others] = result.strategies;
  return { ...result, strategies: [{ ...(first as StrategyResult), coverage }, ...others] };
}

describe("which orders a load has visited", () => {
  const text =
    "visited 2 of 4 classes of two bots' claims, and perhaps 1 more; 346 of 1,448 pairs of claims show theirs";

  it("is told in a line, with what is not known", () => {
    expect(coverageText({ coverage })).toBe(text);
    expect(coverageText({ coverage: { ...coverage, possible: 0, isWhole: false } })).toBe(
      "visited 2 of at least 4 classes of two bots' claims; 346 of 1,448 pairs of claims show theirs",
    );
    expect(coverageText({})).toBeUndefined();
  });

  it("stands in every summary where somebody looked, and in none else", () => {
    const { name } = sampleResult("passed").strategies[0] as StrategyResult;
    const pages = (result: RunResult): readonly string[] => [
      terminalSummary(result, { paint: plain, columns: 200 }),
      markdown.render(result)["summary.md"] as string,
      html.render(result)["report.html"] as string,
    ];
    const [terminal, page, report] = pages(withCoverage()) as [string, string, string];
    expect(terminal).toContain(`Orders that the load has visited\n  ${name}: ${text}`);
    expect(page).toContain(`### Orders that the load has visited\n\n- ${name}: ${text}`);
    expect(report).toMatch(/>orders visited<\/th><td[^>]*>2 of 4<\/td>/);
    for (const other of pages(sampleResult("passed"))) {
      expect(other).not.toMatch(/orders (that the load has )?visited/i);
    }
  });
});
