import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { drawMs, meanMs } from "../../src/scenario/load.ts";
import type { DrawnTime } from "../../src/scenario/load.ts";
import { read, scenarioWith, textWith } from "./example.ts";

describe("the keys of a load", () => {
  it("duration, arrival rate and ramp are read with their units", () => {
    expect(scenarioWith("load: { kind: duration, for: 2s }").load).toEqual({
      kind: "duration",
      forMs: 2000,
    });
    expect(
      scenarioWith("load: { kind: arrival-rate, rate: 50, for: 2s, arrivals: poisson }").load,
    ).toEqual({
      kind: "arrival-rate",
      ratePerSecond: 50,
      forMs: 2000,
      arrivals: "poisson",
      lateAfterMs: 10,
      skipAfterMs: 5000,
    });
    const ramp = "load: { kind: ramp, stages: [{ rate: 5, for: 1s }, { rate: 10, for: 1s }] }";
    expect(scenarioWith(ramp).load).toMatchObject({
      stages: [
        { ratePerSecond: 5, forMs: 1000 },
        { ratePerSecond: 10, forMs: 1000 },
      ],
    });
  });

  it("work is a time, or a distribution whose mean stands for it", () => {
    expect(scenarioWith("jobs: { count: 1, work: 5ms }").jobs).toEqual({ count: 1, workMs: 5 });
    const drawn = "jobs: { count: 1, work: { distribution: uniform, min: 2ms, max: 4ms } }";
    expect(scenarioWith(drawn).jobs).toEqual({
      count: 1,
      workMs: 3,
      work: { kind: "uniform", minMs: 2, maxMs: 4 },
    });
  });

  it("a producer, a warm-up, a calibration and thinking are absent where nobody asks for them", () => {
    const plain = scenarioWith();
    expect(plain).not.toHaveProperty("enqueue");
    expect(plain).not.toHaveProperty("warmUpMs");
    expect(plain).not.toHaveProperty("calibrate");
    expect(plain.bots).not.toHaveProperty("think");
    const full = scenarioWith(
      "enqueue: { rate: 10, until: 1s }",
      "warmUp: 500ms",
      "calibrate: true",
      "bots: { count: 5, think: 3ms }",
    );
    expect(full).toMatchObject({
      enqueue: { ratePerSecond: 10, untilMs: 1000 },
      warmUpMs: 500,
      calibrate: true,
      bots: { think: { kind: "constant", ms: 3 } },
    });
  });

  it.each<[lines: string[], problem: string]>([
    [["jobs: { count: 1, work: 5 }"], "5 has no unit"],
    [
      ["jobs: { count: 1, work: { distribution: pareto, mean: 5ms } }"],
      'unknown distribution "pareto"',
    ],
    [["jobs: { count: 1, work: { distribution: exponential } }"], 'missing key "mean"'],
    [
      ["jobs: { count: 1, work: { distribution: uniform, min: 5ms, max: 2ms } }"],
      "min is longer than max",
    ],
    [["load: { kind: duration, for: 90s }"], "the load lasts 90s, but it must end by 1m"],
    [["load: { kind: arrival-rate, rate: 0, for: 1s }"], "must be more than 0"],
    [["load: { kind: ramp, stages: [{ rate: 1, for: 1s }] }"], "must have at least 2 entries"],
    [
      ["load: { kind: arrival-rate, rate: 10, for: 1s, skipAfter: 1ms }"],
      "skipped before it is late",
    ],
    [["load: { kind: rounds }", "warmUp: 1s"], "no jobs to warm up with"],
    [["load: { kind: rounds }", "enqueue: { rate: 1 }"], "each wave has its own jobs"],
    [["enqueue: { rate: 1 }"], "never ends while jobs are added"],
    [["enqueue: { rate: 1, until: 90s }"], "but the load ends by 1m"],
    [["load: { kind: rounds }", "bots: { count: 2, think: 1ms }"], "not when they have thought"],
  ])("%j: %s", (lines, problem) => {
    expect(() => read(textWith(...lines))).toThrow(problem);
  });
});

describe("a drawn time", () => {
  const times: readonly DrawnTime[] = [
    { kind: "constant", ms: 5 },
    { kind: "uniform", minMs: 2, maxMs: 8 },
    { kind: "exponential", meanMs: 5 },
    { kind: "lognormal", medianMs: 4, sigma: 0.5 },
  ];

  it.each(times)("$kind: the mean of many draws is its mean, and no draw is negative", (time) => {
    const random = seededRandom(3);
    const draws = Array.from({ length: 20_000 }, () => drawMs(time, random));
    const mean = draws.reduce((sum, ms) => sum + ms, 0) / draws.length;
    // Five standard errors of the widest of them, the exponential: 5 / √20,000.
    expect(Math.abs(mean - meanMs(time)) / meanMs(time)).toBeLessThan(0.036);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  });

  it("lognormal: half of the draws lie below its median", () => {
    const random = seededRandom(4);
    const draws = Array.from({ length: 10_000 }, () => drawMs(times[3] as DrawnTime, random));
    const below = draws.filter((ms) => ms < 4).length / draws.length;
    expect(below).toBeGreaterThan(0.475);
    expect(below).toBeLessThan(0.525);
  });
});
