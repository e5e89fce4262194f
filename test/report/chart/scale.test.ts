import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { linePath, stepPath } from "../../../src/report/chart/line.ts";
import { linearScale, linearTop, logBounds, logScale } from "../../../src/report/chart/scale.ts";
import { roundStep } from "../../../src/report/round-step.ts";

describe("a linear scale", () => {
  test("maps its ends to the ends, and is ticked at round numbers", () => {
    const scale = linearScale({ low: 0, high: 700, start: 10, end: 80 }, 8);
    expect([scale.at(0), scale.at(350), scale.at(700)]).toEqual([10, 45, 80]);
    expect(scale.ticks).toEqual([0, 100, 200, 300, 400, 500, 600, 700]);
  });

  test("keeps what lies outside at its ends", () => {
    const scale = linearScale({ low: 0, high: 10, start: 100, end: 0 }, 3);
    expect([scale.at(-5), scale.at(50)]).toEqual([100, 0]);
  });

  test("has its ticks inside, and few of them, whatever the span", () => {
    const span = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(span, (high) => {
        const { ticks } = linearScale({ low: 0, high, start: 0, end: 100 }, 5);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.at(-1)).toBeLessThanOrEqual(high * 1.000001);
      }),
    );
  });
});

describe("a logarithmic scale", () => {
  test("gives each factor of ten the same room", () => {
    const scale = logScale({ low: 1, high: 1000, start: 0, end: 300 });
    expect([1, 10, 100, 1000].map((value) => Math.round(scale.at(value)))).toEqual([
      0, 100, 200, 300,
    ]);
    expect(scale.ticks).toEqual([1, 10, 100, 1000]);
  });

  test("draws zero at the start", () => {
    expect(logScale({ low: 1, high: 10, start: 7, end: 0 }).at(0)).toBe(7);
  });

  test("has bounds that hold every value", () => {
    expect(logBounds([3, 42, 180])).toEqual({ low: 2, high: 200 });
    expect(logBounds([5])).toEqual({ low: 5, high: 10 });
    expect(logBounds([])).toEqual({ low: 1, high: 10 });
    expect(logBounds([0])).toEqual({ low: 1, high: 10 });
  });
});

test("round steps are 1, 2 and 5 times a power of ten", () => {
  expect([0.003, 1, 1.1, 3, 5, 7, 210].map(roundStep)).toEqual([0.005, 1, 2, 5, 5, 10, 500]);
});

test("an axis from zero ends just above its highest value", () => {
  expect([0, 0.7, 268, 687].map(linearTop)).toEqual([0.1, 0.7, 300, 700]);
});

describe("a line", () => {
  test("is broken where nothing is known, and shows a point between two gaps", () => {
    const path = linePath([
      { x: 0, y: 1 },
      { x: 1, y: 2 },
      { x: 2, y: null },
      { x: 3, y: 4 },
      { x: 4, y: null },
    ]);
    expect(path).toBe("M0 1L1 2M3 4m-2 0h4");
  });

  test("of steps keeps each value to the next", () => {
    const points = [
      { x: 0, y: 5 },
      { x: 10, y: 2 },
    ];
    expect(stepPath(points, 20)).toBe("M0 5H10V2H20");
    expect(stepPath([], 20)).toBe("");
  });
});
