import { describe, expect, test } from "vitest";

import { openMetrics } from "../../src/report/openmetrics.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";
import { parseOpenMetrics } from "./openmetrics-parser.ts";
import { attack, poisoned } from "./poisoned.ts";

function families(result: RunResult) {
  return parseOpenMetrics(openMetrics.render(result)["metrics.prom"] ?? "");
}

describe("metrics.prom", () => {
  test.each(samples)("of the sample %s is OpenMetrics", (sample) => {
    const names = families(sampleResult(sample)).map(({ name }) => name);
    expect(names).toContain("doubletake_run_verdict");
    expect(names).toContain("doubletake_claims");
  });

  test("says what result.json says, in seconds", () => {
    const result = sampleResult("violated");
    const latency = families(result).find(({ name }) => name === "doubletake_latency_seconds");
    const [strategy] = result.strategies;
    const median = latency?.samples.find(
      ({ labels }) =>
        labels.get("strategy") === strategy?.name &&
        labels.get("latency") === "to_claim" &&
        labels.get("quantile") === "0.5",
    );
    expect(median?.value).toBeCloseTo((strategy?.latencyMs.toClaim.p50 ?? Number.NaN) / 1000, 9);
  });

  test("marks exactly one verdict", () => {
    const verdict = families(sampleResult("violated")).find(
      ({ name }) => name === "doubletake_run_verdict",
    );
    const marked = verdict?.samples.filter(({ value }) => value === 1);
    expect(marked?.map(({ labels }) => labels.get("doubletake_run_verdict"))).toEqual(["violated"]);
  });

  test("carries any text in a label, and nothing out of it", () => {
    const result = poisoned(sampleResult("passed"));
    const hostile = { ...result, scenario: { ...result.scenario, name: `a\\b"c\nd${attack}` } };
    const run = families(hostile).find(({ name }) => name === "doubletake_run");
    expect(run?.samples[0]?.labels.get("scenario")).toBe(`a\\b"c\nd${attack}`);
  });

  test("leaves out what could not be had", () => {
    const result = sampleResult("passed");
    const strategies = result.strategies.map((strategy) => ({
      ...strategy,
      attemptsPerClaim: null,
    }));
    const names = families({ ...result, strategies }).map(({ name }) => name);
    expect(names).not.toContain("doubletake_attempts_per_claim");
  });
});

describe("the parser of these tests", () => {
  const head = "# TYPE a counter\n";
  test.each([
    ["no end", `${head}a_total 1\n`],
    ["a line after the end", `${head}# EOF\na_total 1\n`],
    ["a counter without its suffix", `${head}a 1\n# EOF\n`],
    ["a name that is none", "# TYPE a-b gauge\na-b 1\n# EOF\n"],
    ["a series twice", `${head}a_total{x="1"} 1\na_total{x="1"} 2\n# EOF\n`],
    ["a family twice", `${head}a_total 1\n${head}# EOF\n`],
    ["a quote that is not escaped", `${head}a_total{x="""} 1\n# EOF\n`],
    ["an escape that does not exist", `${head}a_total{x="\\q"} 1\n# EOF\n`],
    ["a value that is no number", `${head}a_total null\n# EOF\n`],
    ["a unit that is no suffix", "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n"],
  ])("refuses %s", (_what, text) => {
    expect(() => parseOpenMetrics(text)).toThrow(/./);
  });
});
