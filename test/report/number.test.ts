import { describe, expect, test } from "vitest";

import { metricName, ratioText } from "../../src/report/comparison-text.ts";
import { bytes, duration, milliseconds, rate } from "../../src/report/number.ts";
import { percentileText } from "../../src/report/percentile.ts";
import type { ComparisonResult } from "../../src/report/result.ts";

test("numbers carry three digits and their unit", () => {
  expect([0.4234, 18.24, 432.4, 12_345, 123_456].map(milliseconds)).toEqual([
    "0.42 ms",
    "18.2 ms",
    "432 ms",
    "12.3 s",
    "123 s",
  ]);
  expect([null, 0, 1204.4].map(rate)).toEqual(["n/a", "0", "1,204"]);
  expect([512, 1480, 3_100_000].map(bytes)).toEqual(["512 B", "1.48 kB", "3.10 MB"]);
  expect([850, 12_300, 250_000].map(duration)).toEqual(["850 ms", "12.3 s", "4 min 10 s"]);
});

describe("a percentile", () => {
  const latency = { p50: 1, p90: 2, p95: 3, p99: null, p999: null, max: 9, mean: 2, count: 367 };

  test("is printed where enough samples support it", () => {
    expect(percentileText(latency, "p50")).toBe("1.00 ms");
    expect(percentileText(latency, "p99")).toBe("n/a (needs 368)");
    expect(percentileText({ ...latency, count: 5000 }, "p999")).toBe("n/a");
  });
});

describe("a comparison", () => {
  const comparison: ComparisonResult = {
    metric: "claimsPerSecond",
    subject: "a",
    control: "b",
    ratio: 2.187,
    low: 1.97,
    high: 2.44,
    significant: true,
    pairs: 3,
  };

  test("is a ratio with its interval", () => {
    expect(ratioText(comparison)).toBe("2.19× [1.97–2.44]");
  });

  test("is led by ~ where no difference was shown", () => {
    const unclear = { ...comparison, ratio: 1.02, low: 0.9, high: 1.1, significant: false };
    expect(ratioText(unclear)).toBe("~ 1.02× [0.90–1.10]");
    expect(ratioText({ ...unclear, low: null, high: null, pairs: 1 })).toBe(
      "~ 1.02× (one pair, no interval)",
    );
    expect(ratioText({ ...unclear, ratio: null, pairs: 0 })).toBe("n/a");
    expect(ratioText({ ...unclear, ratio: null })).toBe("n/a (a round is zero)");
  });

  test("names its metric in words, or by its path", () => {
    expect(metricName("costPerClaim.walBytes")).toBe("WAL bytes per claim");
    expect(metricName("something.else")).toBe("something.else");
  });
});
