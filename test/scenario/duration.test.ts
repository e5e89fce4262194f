import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { HarnessError } from "../../src/base/harness-error.ts";
import { durationMs, formatDurationMs, parseDurationMs } from "../../src/scenario/duration.ts";

describe("a duration", () => {
  it.each([
    ["0s", 0],
    ["0ms", 0],
    ["5ms", 5],
    ["0.5ms", 0.5],
    ["1.5s", 1_500],
    ["2m", 120_000],
    ["24h", 86_400_000],
  ])("%s is %d ms", (text, ms) => {
    expect(durationMs.parse(text)).toBe(ms);
    expect(parseDurationMs(text, "--duration")).toBe(ms);
  });

  it.each(["", "5", "5 ms", "ms", "-5ms", "5msec", "1e3ms", ".5s", "1m30s", "5MS", "25h", "1d"])(
    "%j is none",
    (text) => {
      expect(durationMs.safeParse(text).success).toBe(false);
      expect(() => parseDurationMs(text, "--duration")).toThrow(HarnessError);
    },
  );

  it.each([5, 0, null, true, [], {}, undefined])("%j is none", (value) => {
    expect(durationMs.safeParse(value).success).toBe(false);
  });
});

test("an option that is no duration is named in the error", () => {
  expect(() => parseDurationMs("10", "--duration")).toThrow(
    '--duration: "10" is not a duration\n  hint: write a number and its unit: 5ms, 1.5s, 2m, 0s',
  );
});

test.each([
  [0, "0s"],
  [0.25, "0.25ms"],
  [250, "250ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [61_000, "61s"],
  [120_000, "2m"],
  [3_600_000, "1h"],
])("%d ms are written %s", (ms, text) => {
  expect(formatDurationMs(ms)).toBe(text);
});

test("what is written can be read again", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
      expect(durationMs.parse(formatDurationMs(ms))).toBeCloseTo(ms, 6);
    }),
  );
});
