import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import type { Random } from "../../src/base/random.ts";
import { changePoints } from "../../src/stats/change-points.ts";
import { welchTest } from "../../src/stats/welch-test.ts";

describe("Welch's test", () => {
  it("is R's: t.test(extra ~ group, data = sleep) has p = 0.07939", () => {
    const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    expect(welchTest(one, other)).toBeCloseTo(0.07939414, 7);
  });

  it("is certain where nothing scatters", () => {
    expect(welchTest([1, 1], [2, 2])).toBe(0);
    expect(welchTest([1, 1], [1, 1])).toBe(1);
  });
});

/** A level each, one after the other, with noise of 3 %. */
function levels(random: Random, ...spans: readonly (readonly [level: number, length: number])[]) {
  return spans.flatMap(([level, length]) =>
    Array.from({ length }, () => level + 0.03 * normal(random)),
  );
}

/** Box and Muller (1958). */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

describe("change points", () => {
  it("are where the level moved, one or several", () => {
    const random = seededRandom(3, "levels");
    const once = changePoints(levels(random, [1, 20], [0.8, 15]));
    expect(once.map(({ index }) => index)).toEqual([20]);
    const twice = changePoints(levels(random, [1, 20], [0.8, 12], [1.1, 20]));
    expect(twice.map(({ index }) => index)).toEqual([20, 32]);
    expect(twice.every(({ p }) => p < 0.001)).toBe(true);
  });

  it("see the return of a level that a search for one change would average away", () => {
    const random = seededRandom(4, "levels");
    const found = changePoints(levels(random, [1, 25], [0.7, 8], [1, 25]));
    expect(found.map(({ index }) => index)).toEqual([25, 33]);
  });

  it.each([
    ["no value", []],
    ["one", [1]],
    ["five", [1, 1, 1, 9, 9]],
    ["all alike", Array.from({ length: 30 }, () => 7)],
  ])("are none in %s", (_what, values) => {
    expect(changePoints(values)).toEqual([]);
  });

  it("do not see one outlier as a level", () => {
    const values = levels(seededRandom(5, "levels"), [1, 30]);
    values[14] = 5;
    expect(changePoints(values)).toEqual([]);
  });

  it("are rare in noise, and seldom missed at three standard deviations", () => {
    const random = seededRandom(6, "levels");
    const trials = 400;
    let [alarms, found] = [0, 0];
    for (let trial = 0; trial < trials; trial++) {
      if (changePoints(levels(random, [1, 40])).length > 0) alarms++;
      if (changePoints(levels(random, [1, 20], [0.91, 20])).length === 1) found++;
    }
    expect(alarms / trials).toBeLessThan(0.05);
    expect(found / trials).toBeGreaterThan(0.9);
  });

  it("lie inside the series and do not depend on its unit", () => {
    // Numbers as measurements have them: of doubles near the smallest there are, the squares are zero.
    const measured = fc.integer({ min: -100_000, max: 100_000 }).map((value) => value / 1_000);
    const values = fc.array(measured, { maxLength: 40 });
    fc.assert(
      fc.property(values, (series) => {
        const indices = changePoints(series).map(({ index }) => index);
        expect(indices.every((index) => index >= 3 && index <= series.length - 3)).toBe(true);
        expect(indices).toEqual([...new Set(indices)].toSorted((a, b) => a - b));
        const scaled = changePoints(series.map((value) => value * 8));
        expect(scaled.map(({ index }) => index)).toEqual(indices);
      }),
    );
  });
});
