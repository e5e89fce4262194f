import { describe, expect, it, test } from "vitest";
import { judgeExpectation } from "../../src/scenario/expectation-verdict.ts";
import { namedStrategies, parseExpectation } from "../../src/scenario/expectation.ts";
import type { Expectation } from "../../src/scenario/expectation.ts";

function parsed(text: string): Expectation {
  const result = parseExpectation(text);
  if (!result.ok) throw new Error(result.what);
  return result.expectation;
}

describe("an expectation", () => {
  it("compares a metric with a number in its unit", () => {
    expect(parsed("skip-locked.toClaim.p99 < 100ms")).toEqual({
      text: "skip-locked.toClaim.p99 < 100ms",
      left: { strategy: "skip-locked", metric: "toClaim.p99" },
      operator: "<",
      right: { kind: "number", value: 100 },
    });
    expect(parsed("a.service.max <= 1.5s").right).toEqual({ kind: "number", value: 1500 });
    expect(parsed("a.claims.duplicates == 0").right).toEqual({ kind: "number", value: 0 });
    expect(parsed("a.claimsPerSecond>1000").operator).toBe(">");
  });

  it("compares a metric with another strategy's", () => {
    expect(parsed("skip-locked.claimsPerSecond >= 2 * naive.claimsPerSecond").right).toEqual({
      kind: "metric",
      factor: 2,
      strategy: "naive",
      metric: "claimsPerSecond",
    });
    expect(parsed("a.toClaim.p50 < 0.5*b.toClaim.p50").right).toMatchObject({ factor: 0.5 });
    expect(parsed("a.toClaim.p99 < a.toClaim.max").right).toMatchObject({
      factor: 1,
      strategy: "a",
    });
  });

  it("takes the whole rest of a name for the strategy", () => {
    expect(parsed("my.claim-v1.2.claims.granted > 0").left).toEqual({
      strategy: "my.claim-v1.2",
      metric: "claims.granted",
    });
  });

  it("names its strategies", () => {
    expect(namedStrategies(parsed("a.claimsPerSecond > b.claimsPerSecond"))).toEqual(["a", "b"]);
    expect(namedStrategies(parsed("a.toClaim.p50 < a.toClaim.p99"))).toEqual(["a"]);
  });

  it.each([
    ["", "compares nothing", "write it like"],
    ["a.toClaim.p99", "compares nothing", "write it like"],
    ["a.toClaim.p99 < 1ms < 2ms", "more than one comparison", "one comparison a line"],
    ["a.toClaim.p99 = 1ms", 'unknown operator "="', "operators: <=  >=  =="],
    ["a.toClaim.p99 !~ 1ms", 'unknown operator "!~"', "operators:"],
    ["< 1ms", "metric is missing", "strategy.metric"],
    ["100ms > a.toClaim.p99", '"100ms" names no metric', "strategy.metric"],
    ["toClaim < 1ms", '"toClaim" names no metric', "strategy.metric"],
    ["a.toClaim.p98 < 1ms", 'unknown metric "toClaim.p98"', 'did you mean "toClaim.p90"?'],
    ["a.colour < 1", 'unknown metric "colour"', "metrics: claimsPerSecond"],
    ["a.toClaim.p99 < 100", "100 has no unit", "write 100ms or 100s"],
    ["a.toClaim.p99 < 100us", 'unknown unit "us"', "write 100ms"],
    ["a.claimsPerSecond > 100ms", 'a rate per second has no unit "ms"', "write 100 alone"],
    ["a.claims.granted > 5%", 'a plain number has no unit "%"', "write 5 alone"],
    ["a.toClaim.p99 < ", "metric is missing", "strategy.metric"],
    ["a.toClaim.p99 < -5ms", "names no metric", "strategy.metric"],
    [
      "a.toClaim.p99 < b.claimsPerSecond",
      "a latency is compared with a rate per second",
      "same kind",
    ],
    ["a.toClaim.p99 < x * b.toClaim.p99", '"x" is not a factor', "write the factor first"],
    ["a.toClaim.p99 < b.toClaim.p99 * 2", "is not a factor", "write the factor first"],
    ["a.toClaim.p99 < 0 * b.toClaim.p99", '"0" is not a factor', "write the factor first"],
  ])("is not %j", (text, what, hint) => {
    const result = parseExpectation(text);
    expect(result).toMatchObject({ ok: false });
    expect(result).toHaveProperty("what", expect.stringContaining(what));
    expect(result).toHaveProperty("hint", expect.stringContaining(hint));
  });
});

describe("held against a run", () => {
  const measured: Readonly<Record<string, number | null>> = {
    "fast.toClaim.p99": 81.23,
    "slow.toClaim.p99": 181.23,
    "slow.toClaim.p50": 99.999,
    "fast.claimsPerSecond": 1204.4,
    "slow.claimsPerSecond": 388,
    "stalled.claimsPerSecond": 0,
    "fast.claims.duplicates": 0,
    "slow.claims.duplicates": 17,
    "fast.toClaim.p999": null,
    "baseline.fast.claimsPerSecond": 1000,
    "baseline.slow.claimsPerSecond": 500,
    "fast.toClaim.mean": Number.NaN,
  };
  const judge = (text: string) =>
    judgeExpectation(
      parsed(text),
      (strategy, metric, ofBaseline) =>
        measured[`${ofBaseline === true ? "baseline." : ""}${strategy}.${metric}`],
    );

  it.each([
    ["fast.toClaim.p99 < 100ms", "passed", "81.2 ms < 100 ms"],
    ["slow.toClaim.p99 < 100ms", "violated", "181 ms, not < 100 ms"],
    ["slow.toClaim.p50 < 100ms", "passed", "99.999 ms < 100 ms"],
    ["fast.claims.duplicates == 0", "passed", "0 == 0"],
    ["slow.claims.duplicates == 0", "violated", "17, not == 0"],
    ["slow.claims.duplicates > 17", "violated", "17, not > 17"],
    ["slow.claims.duplicates >= 17", "passed", "17 >= 17"],
    ["slow.claims.duplicates <= 17", "passed", "17 <= 17"],
    ["fast.toClaim.p(99) < 100ms", "passed", "81.2 ms < 100 ms"],
    ["slow.toClaim.med < 100ms", "passed", "99.999 ms < 100 ms"],
    ["fast.claims.duplicates != 0", "violated", "0, not != 0"],
    [
      "fast.claimsPerSecond >= 0.9 * baseline.claimsPerSecond",
      "passed",
      "1.2 × baseline fast (1,204 / 1,000 claims/s)",
    ],
    [
      "slow.claimsPerSecond >= 0.9 * baseline.slow.claimsPerSecond",
      "violated",
      "0.776 × baseline slow (388 / 500 claims/s)",
    ],
    [
      "fast.claimsPerSecond >= 2 * slow.claimsPerSecond",
      "passed",
      "3.1 × slow (1,204 / 388 claims/s)",
    ],
    [
      "fast.claimsPerSecond >= 4 * slow.claimsPerSecond",
      "violated",
      "3.1 × slow (1,204 / 388 claims/s)",
    ],
    ["slow.toClaim.p99 < 2 * slow.toClaim.p50", "passed", "1.81 × slow.toClaim.p50 (181 / 100 ms)"],
    [
      "fast.claimsPerSecond > stalled.claimsPerSecond",
      "passed",
      "1,204 / 0 claims/s, fast / stalled",
    ],
  ])("%s", (text, verdict, actual) => {
    expect(judge(text)).toEqual({ verdict, actual });
  });

  it.each([
    ["absent.toClaim.p99 < 100ms", "no data for absent.toClaim.p99"],
    ["fast.toClaim.p999 < 100ms", "no data for fast.toClaim.p999"],
    ["fast.toClaim.mean < 100ms", "no data for fast.toClaim.mean"],
    ["fast.toClaim.p99 < 2 * absent.toClaim.p99", "no data for absent.toClaim.p99"],
    [
      "fast.toClaim.p99 < 2 * baseline.toClaim.p50",
      "no data in the baseline (--baseline FILE) for fast.toClaim.p50",
    ],
  ])("%s: without data it is violated, not passed", (text, actual) => {
    expect(judge(text)).toEqual({ verdict: "violated", actual });
  });
});

test("the numbers shown differ where the numbers do", () => {
  const judge = (value: number) =>
    judgeExpectation(parsed("a.toClaim.p99 < 100ms"), () => value).actual;
  expect(judge(100.0000001)).toBe("100.0000001 ms, not < 100 ms");
  expect(judge(100)).toBe("100 ms, not < 100 ms");
  expect(judge(0.01234)).toBe("0.0123 ms < 100 ms");
});
