import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowedHint, editDistance, nearest } from "../../src/scenario/nearest.ts";

describe("the edit distance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["strategy", "strategies", 3],
    ["form", "from", 1],
    ["ca", "abc", 3],
  ])("%s → %s: %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is the same both ways, and 0 only for the same word", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("the nearest word", () => {
  it("is what was probably meant, whatever its case", () => {
    expect(nearest("evry", ["from", "every", "to"])).toBe("every");
    expect(nearest("Repeat", ["repeat", "requires"])).toBe("repeat");
  });

  it("is none where nothing is close", () => {
    expect(nearest("colour", ["from", "every", "to"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
    expect(allowedHint("colour", ["from", "to"])).toBe("allowed here: from, to");
  });
});
