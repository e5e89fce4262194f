import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { latencySummary } from "../../src/stats/latency-summary.ts";
import { median, quantile } from "../../src/stats/quantile.ts";
import { minimumSamples, supportedQuantile } from "../../src/stats/supported-quantile.ts";

describe("quantile", () => {
  it("interpolates as type 7 does", () => {
    // R: quantile(c(1, 2, 3, 4, 10), c(0.1, 0.25, 0.5, 0.9)) gives 1.4, 2, 3, 7.6.
    const sorted = [1, 2, 3, 4, 10];
    expect(quantile(sorted, 0.1)).toBeCloseTo(1.4, 12);
    expect(quantile(sorted, 0.25)).toBe(2);
    expect(quantile(sorted, 0.5)).toBe(3);
    expect(quantile(sorted, 0.9)).toBeCloseTo(7.6, 12);
    expect(quantile(sorted, 0)).toBe(1);
    expect(quantile(sorted, 1)).toBe(10);
  });

  it("of one number is that number, of none is null", () => {
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile(Float64Array.of(), 0.5)).toBeNull();
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses the quantile %s", (q) => {
    expect(() => quantile([1, 2], q)).toThrow("between 0 and 1");
  });

  it("rises with q and stays in the range of its numbers", () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
    const part = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(numbers, part, part, (values, p, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const [low, high] = [quantile(sorted, Math.min(p, q)), quantile(sorted, Math.max(p, q))];
        const slack = 1e-6;
        expect(low as number).toBeLessThanOrEqual((high as number) + slack);
        expect(low as number).toBeGreaterThanOrEqual((sorted[0] as number) - slack);
        expect(high as number).toBeLessThanOrEqual((sorted.at(-1) as number) + slack);
      }),
    );
  });
});

test("the median takes numbers in any order and leaves them as they are", () => {
  const values = [3, 1, 2];
  expect(median(values)).toBe(2);
  expect(values).toEqual([3, 1, 2]);
  expect(median([1, 2])).toBe(1.5);
  expect(median([])).toBeNull();
});

describe("the samples a quantile needs", () => {
  it.each([
    [0.5, 6],
    [0.9, 36],
    [0.95, 72],
    [0.99, 368],
    [0.999, 3_688],
    [0.9999, 36_887],
    [0.01, 368],
  ])("%s: %i", (q, samples) => {
    expect(minimumSamples(q)).toBe(samples);
    expect(supportedQuantile(q, samples)).toBe(true);
    expect(supportedQuantile(q, samples - 1)).toBe(false);
  });

  it("are as many as bound the error at 2.5 % on each side", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 0.9999, noNaN: true }), (q) => {
        const samples = minimumSamples(q);
        expect(q ** samples).toBeLessThanOrEqual(0.025 + 1e-12);
        expect(q ** (samples - 1)).toBeGreaterThan(0.025 - 1e-12);
      }),
    );
  });

  it.each([0, 1, Number.NaN])("no number supports the extreme %s", (q) => {
    expect(() => minimumSamples(q)).toThrow("between 0 and 1");
  });
});

describe("latencies", () => {
  it("are summed up in milliseconds", () => {
    const samples = Array.from({ length: 4_000 }, (_, i) => 4_000 - i);
    const summary = latencySummary(samples);
    expect(summary).toMatchObject({ p50: 2000.5, max: 4000, mean: 2000.5, count: 4000 });
    expect(summary.p999).toBeCloseTo(3996.001, 6);
    expect(samples[0]).toBe(4_000);
  });

  it("show no percentile that their number does not support", () => {
    const of = (count: number) => latencySummary(new Float64Array(count).fill(3));
    expect(of(5)).toMatchObject({ p50: null, p90: null, max: 3, mean: 3, count: 5 });
    expect(of(71)).toMatchObject({ p50: 3, p90: 3, p95: null, p99: null });
    expect(of(72)).toMatchObject({ p95: 3, p99: null });
    expect(of(368)).toMatchObject({ p99: 3, p999: null });
    expect(of(3_688)).toMatchObject({ p999: 3 });
  });

  it("may be absent", () => {
    expect(latencySummary([])).toEqual({
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      p999: null,
      max: null,
      mean: null,
      count: 0,
    });
  });

  it.each([[[1, Number.NaN, 2]], [[-1, 2]], [[Infinity]], [[-Infinity, 1]]])(
    "refuse %j, which no clock measures",
    (samples) => {
      expect(() => latencySummary(samples)).toThrow("finite and not negative");
    },
  );
});
