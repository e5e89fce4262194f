import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { arrivalTimesMs } from "../../src/plan/arrivals.ts";
import type { ArrivalRate, Ramp } from "../../src/scenario/load.ts";

const punctual = { lateAfterMs: 10, skipAfterMs: 1000 };
const load = (more: Partial<ArrivalRate>): ArrivalRate => ({
  kind: "arrival-rate",
  ratePerSecond: 100,
  forMs: 1000,
  arrivals: "constant",
  ...punctual,
  ...more,
});

describe("arrivals", () => {
  it("constant: are evenly spaced from the start, to the very last", () => {
    const times = arrivalTimesMs(load({ ratePerSecond: 3000, forMs: 100_000 }), seededRandom(1));
    expect(times).toHaveLength(300_000);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeCloseTo(299_999 / 3, 9);
  });

  it("poisson: the same seed gives the same times, another one others", () => {
    const times = (seed: number) =>
      arrivalTimesMs(load({ arrivals: "poisson" }), seededRandom(seed));
    expect(times(1)).toEqual(times(1));
    expect(times(1)).not.toEqual(times(2));
  });

  it("poisson: gaps scatter as much as they are long, and their rate holds", () => {
    const times = arrivalTimesMs(load({ arrivals: "poisson", forMs: 200_000 }), seededRandom(7));
    const gaps = Array.from(times.subarray(1), (at, index) => at - (times[index] as number));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // 20,000 gaps: five standard errors of the mean are 3.5 %, of the deviation about 7 %.
    expect(mean / 10).toBeGreaterThan(0.965);
    expect(mean / 10).toBeLessThan(1.035);
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.93);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.07);
  });

  it("of a ramp: every stage at its own rate, in its own time", () => {
    const stages = [
      { ratePerSecond: 10, forMs: 1000 },
      { ratePerSecond: 100, forMs: 500 },
    ];
    const ramp: Ramp = { kind: "ramp", stages, arrivals: "constant", ...punctual };
    const times = arrivalTimesMs(ramp, seededRandom(1));
    expect(times.filter((at) => at < 1000)).toHaveLength(10);
    expect(times.filter((at) => at >= 1000)).toHaveLength(50);
  });

  it("ascend and lie inside the load, whatever the rate and the seed", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.constantFrom("constant" as const, "poisson" as const),
        fc.nat(),
        (ratePerSecond, arrivals, seed) => {
          const times = arrivalTimesMs(load({ ratePerSecond, arrivals }), seededRandom(seed));
          expect(times).toEqual(times.toSorted());
          expect(times.every((at) => at >= 0 && at < 1000)).toBe(true);
        },
      ),
    );
  });
});
