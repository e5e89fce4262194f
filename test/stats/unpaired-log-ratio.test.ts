import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { unpairedLogRatio } from "../../src/stats/unpaired-log-ratio.ts";

describe("an unpaired ratio", () => {
  it("is Welch's, on the logs: hours of sleep with two drugs (1908), as exponents", () => {
    const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const { ratio, low, high } = unpairedLogRatio(one.map(Math.exp), other.map(Math.exp));
    // R: t.test(extra ~ group, data = sleep) gives a difference of -1.58 and -3.3654832 to 0.2054832.
    expect(Math.log(ratio as number)).toBeCloseTo(-1.58, 9);
    expect(Math.log(low as number)).toBeCloseTo(-3.3654832, 6);
    expect(Math.log(high as number)).toBeCloseTo(0.2054832, 6);
  });

  it("of exact counts is exact", () => {
    expect(unpairedLogRatio([3, 3], [3, 3, 3])).toEqual({ ratio: 1, low: 1, high: 1 });
  });

  it.each([
    ["nothing on one side", [], [1, 2]],
    ["a round of zero", [0, 1], [1, 2]],
  ])("is none with %s", (_what, a, b) => {
    expect(unpairedLogRatio(a, b)).toEqual({ ratio: null, low: null, high: null });
  });

  it("has no interval with one number on a side", () => {
    expect(unpairedLogRatio([4], [2, 2])).toEqual({ ratio: 2, low: null, high: null });
  });

  it("excludes 1 in about 5 % of comparisons of the same with the same", () => {
    const random = seededRandom(11, "welch");
    const sample = (): number[] =>
      Array.from({ length: 6 }, () => Math.exp(0.05 * normal(random.next(), random.next())));
    const trials = 2000;
    let alarms = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = unpairedLogRatio(sample(), sample());
      if ((low as number) > 1 || (high as number) < 1) alarms++;
    }
    // The binomial standard deviation at 5 % of 2,000 is 0.5 %.
    expect(alarms / trials).toBeGreaterThan(0.03);
    expect(alarms / trials).toBeLessThan(0.07);
  });
});

/** Box and Muller (1958), from two numbers of [0, 1). */
function normal(one: number, other: number): number {
  return Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other);
}
