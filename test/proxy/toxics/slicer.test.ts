import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/base/random.ts";
import { sliceLengths } from "../../../src/proxy/toxics/slicer.ts";

const lengths = (bytes: number, averageBytes: number, variationBytes: number): number[] =>
  sliceLengths(bytes, { averageBytes, variationBytes, random: seededRandom(1) });

describe("sliceLengths", () => {
  it("halves until the pieces are no longer than the average", () => {
    expect(lengths(100, 10, 0)).toEqual([6, 6, 6, 7, 6, 6, 6, 7, 6, 6, 6, 7, 6, 6, 6, 7]);
  });

  it("adds up to the whole, in pieces of at least 1 and at most average and variation", () => {
    const anySize = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_536 }),
        anySize,
        anySize,
        (bytes, average, variation) => {
          const pieces = lengths(bytes, average, variation);
          expect(pieces.reduce((sum, piece) => sum + piece, 0)).toBe(bytes);
          expect(Math.min(...pieces)).toBeGreaterThanOrEqual(1);
          expect(Math.max(...pieces)).toBeLessThanOrEqual(Math.max(1, average + variation));
        },
      ),
      { numRuns: 40 },
    );
  });
});
