import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import type { Random } from "../../src/base/random.ts";
import { equivalenceDecision } from "../../src/stats/equivalence.ts";
import { jainFairness } from "../../src/stats/fairness.ts";
import { geometricMean } from "../../src/stats/geometric-mean.ts";
import { meanInterval } from "../../src/stats/interval.ts";
import { pairedLogRatio } from "../../src/stats/paired-log-ratio.ts";
import { summarizeRounds } from "../../src/stats/rounds-summary.ts";
import { normal, simulatedRounds } from "./simulated.ts";

describe("the interval of a mean", () => {
  it("is Student's own: hours of sleep gained with the second drug over the first (1908)", () => {
    const gained = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4];
    const { mean, low, high } = meanInterval(gained);
    expect(mean).toBeCloseTo(1.58, 10);
    // R: t.test(extra ~ group, data = sleep, paired = TRUE) gives 0.7001142 to 2.4598858.
    expect(low).toBeCloseTo(0.7001142, 6);
    expect(high).toBeCloseTo(2.4598858, 6);
  });

  it("needs two numbers", () => {
    expect(meanInterval([])).toEqual({ mean: null, low: null, high: null });
    expect(meanInterval([5])).toEqual({ mean: 5, low: null, high: null });
    expect(meanInterval([5, 5])).toEqual({ mean: 5, low: 5, high: 5 });
  });
});

describe("rounds", () => {
  it("have a median and an interval that stays above zero", () => {
    const summary = summarizeRounds([100, 400, 200]);
    expect(summary.median).toBe(200);
    // ln 100, ln 200, ln 400: mean ln 200, s = ln 2, so 200 × 2^±(4.302653 / √3).
    const factor = 2 ** (4.302652729911275 / Math.sqrt(3));
    expect(summary.low).toBeCloseTo(200 / factor, 6);
    expect(summary.high).toBeCloseTo(200 * factor, 4);
  });

  it.each([
    ["none", [], null],
    ["one", [7], 7],
    ["a stalled one", [0, 10, 20], 10],
    ["a negative one", [-1, 1], 0],
  ])("%s: no interval", (_what, samples, middle) => {
    expect(summarizeRounds(samples)).toEqual({ median: middle, low: null, high: null });
  });

  it.each([Number.NaN, Infinity])("refuse %s", (sample) => {
    expect(() => summarizeRounds([1, sample])).toThrow("finite");
  });
});

describe("a paired ratio", () => {
  it("is the geometric mean of the ratios, with its interval", () => {
    const { ratio, low, high, pairs } = pairedLogRatio([200, 150, 300], [100, 100, 100]);
    expect(pairs).toBe(3);
    expect(ratio).toBeCloseTo(Math.cbrt(9), 12);
    expect((low as number) * (high as number)).toBeCloseTo(Math.cbrt(9) ** 2, 9);
    expect(low as number).toBeLessThan(ratio as number);
  });

  it("does not mind what slows both rounds of a pair alike", () => {
    const found = pairedLogRatio([200, 20, 2], [100, 10, 1]);
    expect(found.ratio).toBeCloseTo(2, 12);
    expect(found.low).toBeCloseTo(2, 9);
    expect(found.high).toBeCloseTo(2, 9);
  });

  it.each([
    ["no pair", [], [], null],
    ["one pair", [3], [3], 1],
    ["a stalled round", [0, 1], [1, 1], null],
    ["a stalled round of the other", [1, 1], [1, 0], null],
    ["a negative number", [-1, 1], [1, 1], null],
    ["NaN", [Number.NaN, 1], [1, 1], null],
  ])("of %s has no interval", (_what, a, b, ratio) => {
    expect(pairedLogRatio(a, b)).toEqual({ ratio, low: null, high: null, pairs: a.length });
  });

  it("refuses rounds that are not paired", () => {
    expect(() => pairedLogRatio([1], [1, 2])).toThrow("come in pairs");
  });

  it("turns over when its sides are swapped", () => {
    const numbers = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
      minLength: 2,
      maxLength: 20,
    });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const pairs = Math.min(a.length, b.length);
        const there = pairedLogRatio(a.slice(0, pairs), b.slice(0, pairs));
        const back = pairedLogRatio(b.slice(0, pairs), a.slice(0, pairs));
        expect((there.ratio as number) * (back.ratio as number)).toBeCloseTo(1, 8);
        expect(Math.log(there.low as number)).toBeCloseTo(-Math.log(back.high as number), 6);
      }),
    );
  });
});

function simulatedPairs(random: Random, options: Parameters<typeof simulatedRounds>[1]) {
  const { a, b } = simulatedRounds(random, options);
  return pairedLogRatio(a, b);
}

describe("by simulation", () => {
  const repetitions = 4_000;

  it.each([2, 3, 6, 10, 20])(
    "%i pairs: a false alarm in 3 to 7 % at a true ratio of 1",
    (pairs) => {
      const random = seededRandom(1908, `false alarms ${pairs}`);
      let alarms = 0;
      for (let i = 0; i < repetitions; i++) {
        const { low, high } = simulatedPairs(random, { pairs, ratio: 1 });
        if ((low as number) > 1 || (high as number) < 1) alarms++;
      }
      expect(alarms / repetitions).toBeGreaterThan(0.03);
      expect(alarms / repetitions).toBeLessThan(0.07);
    },
  );

  it("twenty pairs find a difference of 5 % nearly always", () => {
    const random = seededRandom(1908, "power");
    let found = 0;
    for (let i = 0; i < 1_000; i++) {
      const { low } = simulatedPairs(random, { pairs: 20, ratio: 1.05 });
      if ((low as number) > 1) found++;
    }
    expect(found / 1_000).toBeGreaterThan(0.95);
  });

  it("the interval of rounds covers what they scatter around in 93 to 97 %", () => {
    const random = seededRandom(1908, "coverage");
    let covered = 0;
    for (let i = 0; i < repetitions; i++) {
      const samples = Array.from({ length: 5 }, () => 500 * Math.exp(normal(random) * 0.1));
      const { low, high } = summarizeRounds(samples);
      if ((low as number) <= 500 && (high as number) >= 500) covered++;
    }
    expect(covered / repetitions).toBeGreaterThan(0.93);
    expect(covered / repetitions).toBeLessThan(0.97);
  });
});

/** How often, in 0 to 1, rounds of this true ratio are decided in each way on a margin of 5 %. */
function decisions({ pairs, ratio }: Parameters<typeof simulatedRounds>[1], repetitions: number) {
  const random = seededRandom(1987, `equivalence ${pairs} ${ratio}`);
  const shares = { better: 0, same: 0, worse: 0, inconclusive: 0 };
  for (let i = 0; i < repetitions; i++) {
    const interval = simulatedPairs(random, { pairs, ratio });
    shares[equivalenceDecision(interval, { margin: 0.05, better: "higher" })] += 1 / repetitions;
  }
  return shares;
}

describe("the decision on a margin, by simulation", () => {
  it.each([3, 6, 20])("%i pairs of the same strategy are hardly ever called different", (pairs) => {
    const { better, worse } = decisions({ pairs, ratio: 1 }, 4_000);
    expect(better + worse).toBeLessThan(0.01);
  });

  it("twenty pairs of the same strategy are found to be the same", () => {
    expect(decisions({ pairs: 20, ratio: 1 }, 1_000).same).toBeGreaterThan(0.9);
  });

  it.each([
    [1.05, "better"],
    [1 / 1.05, "worse"],
  ] as const)(
    "a difference of just the margin, %d, is called %s, or the same, in 2.5 % each at most",
    (ratio, decision) => {
      const shares = decisions({ pairs: 10, ratio }, 4_000);
      // The simulation's own error is 0.25 % at one deviation.
      expect(shares[decision]).toBeLessThan(0.034);
      expect(shares.same).toBeLessThan(0.034);
      expect(shares[decision === "better" ? "worse" : "better"]).toBe(0);
    },
  );

  it("twenty pairs find twice the margin nearly always, on the right side", () => {
    expect(decisions({ pairs: 20, ratio: 1.1 }, 1_000).better).toBeGreaterThan(0.95);
    expect(decisions({ pairs: 20, ratio: 1 / 1.1 }, 1_000).worse).toBeGreaterThan(0.95);
  });
});

describe("equivalence", () => {
  const throughput = { margin: 0.05, better: "higher" } as const;
  it.each([
    ["wholly above the margin", { low: 1.06, high: 1.2 }, "better"],
    ["wholly below the margin", { low: 0.8, high: 0.9 }, "worse"],
    ["inside", { low: 0.97, high: 1.04 }, "same"],
    ["exactly the margin", { low: 1 / 1.05, high: 1.05 }, "same"],
    ["beyond 1 but not the margin", { low: 1.01, high: 1.2 }, "inconclusive"],
    ["across everything", { low: 0.5, high: 2 }, "inconclusive"],
    ["missing", { low: null, high: null }, "inconclusive"],
    ["not a number", { low: Number.NaN, high: Number.NaN }, "inconclusive"],
  ] as const)("an interval %s", (_what, interval, decision) => {
    expect(equivalenceDecision(interval, throughput)).toBe(decision);
  });

  it("turns round where less is better", () => {
    const latency = { margin: 0.1, better: "lower" } as const;
    expect(equivalenceDecision({ low: 1.2, high: 1.3 }, latency)).toBe("worse");
    expect(equivalenceDecision({ low: 0.5, high: 0.6 }, latency)).toBe("better");
    expect(equivalenceDecision({ low: 0.95, high: 1.05 }, latency)).toBe("same");
  });

  it.each([0, -0.1, Number.NaN, Infinity])("refuses the margin %s", (margin) => {
    expect(() => equivalenceDecision({ low: 1, high: 1 }, { margin, better: "higher" })).toThrow(
      "margin",
    );
  });
});

test("the geometric mean of what has no logarithm is null", () => {
  expect(geometricMean([1, 100])).toBeCloseTo(10, 12);
  expect(geometricMean([7])).toBeCloseTo(7, 12);
  for (const values of [[], [0, 1], [-1, 1], [Number.NaN], [Infinity]]) {
    expect(geometricMean(values)).toBeNull();
  }
});

describe("fairness", () => {
  it.each([
    [[5, 5, 5, 5], 1],
    [[20, 0, 0, 0], 0.25],
    [[3, 1], 0.8],
    [[1e300, 1e300], 1],
    [[1e-300, 1e-300], 1],
  ])("of %j is %d", (shares, index) => {
    expect(jainFairness(shares)).toBeCloseTo(index, 12);
  });

  it("of nothing shared is null, and shares are not negative", () => {
    expect(jainFairness([])).toBeNull();
    expect(jainFairness([0, 0])).toBeNull();
    expect(() => jainFairness([-1, 2])).toThrow("not negative");
    expect(() => jainFairness([Number.NaN])).toThrow("finite");
  });
});
