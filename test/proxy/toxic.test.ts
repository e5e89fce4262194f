import { describe, expect, it } from "vitest";
import { shortestFloat32 } from "../../src/proxy/toxic.ts";

describe("shortestFloat32", () => {
  it.each([
    [0.1, 0.1],
    [1 / 3, 0.33333334],
    [2 / 3, 0.6666667],
    [1, 1],
    [0, 0],
    [-1, -1],
    [16_777_217, 16_777_216],
  ])("%f is %f", (value, expected) => {
    expect(shortestFloat32(value)).toBe(expected);
  });
});
