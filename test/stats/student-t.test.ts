import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incompleteBeta, logGamma } from "../../src/stats/incomplete-beta.ts";
import { studentQuantile, studentTail } from "../../src/stats/student-t.ts";

describe("Student's t", () => {
  // Two-sided 95 % and 99 %, one-sided 95 %: the table of Fisher and Yates, as printed in every textbook.
  it.each([
    [1, 6.314, 12.706, 63.657],
    [2, 2.92, 4.303, 9.925],
    [3, 2.353, 3.182, 5.841],
    [4, 2.132, 2.776, 4.604],
    [5, 2.015, 2.571, 4.032],
    [7, 1.895, 2.365, 3.499],
    [9, 1.833, 2.262, 3.25],
    [10, 1.812, 2.228, 3.169],
    [15, 1.753, 2.131, 2.947],
    [20, 1.725, 2.086, 2.845],
    [30, 1.697, 2.042, 2.75],
    [60, 1.671, 2, 2.66],
    [120, 1.658, 1.98, 2.617],
    [1_000_000, 1.645, 1.96, 2.576],
  ])("%i degrees of freedom", (degrees, p95, p975, p995) => {
    expect(studentQuantile(0.95, degrees)).toBeCloseTo(p95, 2.99);
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(p975, 2.99);
    expect(studentQuantile(0.995, degrees)).toBeCloseTo(p995, 2.99);
  });

  it("with one and two degrees has a closed form", () => {
    for (const p of [0.001, 0.2, 0.5, 0.75, 0.9999]) {
      const cauchy = Math.tan(Math.PI * (p - 0.5));
      expect(studentQuantile(p, 1) / (cauchy || 1)).toBeCloseTo(p === 0.5 ? 0 : 1, 9);
      const two = (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
      expect(studentQuantile(p, 2)).toBeCloseTo(two, 9);
    }
  });

  it("is inverted by its own tail", () => {
    const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(probability, fc.integer({ min: 1, max: 500 }), (p, degrees) => {
        expect(studentTail(studentQuantile(p, degrees), degrees)).toBeCloseTo(1 - p, 10);
      }),
      { numRuns: 200 },
    );
  });

  it.each([0, 1, -1, Number.NaN])("refuses the probability %s", (p) => {
    expect(() => studentQuantile(p, 5)).toThrow("between 0 and 1");
  });

  it.each([0, -1, Number.NaN])("refuses %s degrees of freedom", (degrees) => {
    expect(() => studentQuantile(0.975, degrees)).toThrow("degrees of freedom");
  });
});

describe("the functions below it", () => {
  it("ln Γ of whole numbers is that of factorials", () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(logGamma(0.25)).toBeCloseTo(1.288022524698077, 12);
  });

  it("I_x(a, b) has its closed forms and its symmetry", () => {
    // Closer to the ends, 1 - x itself is rounded by more than is compared here.
    const x = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    const shape = fc.double({ min: 0.1, max: 200, noNaN: true });
    fc.assert(
      fc.property(x, shape, shape, (at, a, b) => {
        expect(incompleteBeta(at, 1, b)).toBeCloseTo(1 - (1 - at) ** b, 10);
        expect(incompleteBeta(at, a, 1)).toBeCloseTo(at ** a, 10);
        expect(incompleteBeta(at, a, b) + incompleteBeta(1 - at, b, a)).toBeCloseTo(1, 10);
      }),
    );
    expect(() => incompleteBeta(-0.1, 1, 1)).toThrow("not defined");
  });
});
