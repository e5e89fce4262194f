import { describe, expect, it } from "vitest";
import { arrivalsText } from "../../src/report/arrivals-text.ts";
import { markdown } from "../../src/report/markdown.ts";
import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { plain } from "../../src/report/terminal/paint.ts";
import { terminalSummary } from "../../src/report/terminal.ts";
import { sampleResult } from "./golden.ts";

const arrivals = { scheduled: 900, late: 345, skipped: 451 };

function withLoad(more: Pick<StrategyResult, "arrivals" | "ramp">): RunResult {
  const result = sampleResult("passed");
  const [first, ...others] = result.strategies;
  return { ...result, strategies: [{ ...(first as StrategyResult), ...more }, ...others] };
}

describe("what became of a scheduled load", () => {
  const { strategies } = withLoad({ arrivals, ramp: { stages: [], kneePerSecond: 100 } });
  const text =
    "900 claims were due, 345 sent late, 451 not at all; it kept up with 100 arrivals a second; latencies leave out those that were not sent";

  it("names the knee, and what latencies do not know of", () => {
    expect(arrivalsText(strategies[0] as StrategyResult)).toBe(text);
    const [none] = withLoad({ arrivals, ramp: { stages: [], kneePerSecond: null } }).strategies;
    expect(arrivalsText(none as StrategyResult)).toContain("it kept up with no stage");
    const [kept] = withLoad({ arrivals: { ...arrivals, skipped: 0 }, ramp: null }).strategies;
    expect(arrivalsText(kept as StrategyResult)).toBe(
      "900 claims were due, 345 sent late, 0 not at all",
    );
  });

  it("is told on the terminal and in Markdown, and only where there is any", () => {
    const result = withLoad({ arrivals, ramp: { stages: [], kneePerSecond: 100 } });
    const columns = 400;
    expect(terminalSummary(result, { paint: plain, columns })).toContain(`: ${text}`);
    expect(Object.values(markdown.render(result)).join()).toContain(`: ${text}`);
    const closed = withLoad({ arrivals: null, ramp: null });
    expect(terminalSummary(closed, { paint: plain, columns })).not.toContain(
      "Claims at their times",
    );
    expect(Object.values(markdown.render(closed)).join()).not.toContain("Claims at their times");
  });
});
