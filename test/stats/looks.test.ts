import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { equivalenceDecision } from "../../src/stats/equivalence.ts";
import type { Equivalence } from "../../src/stats/equivalence.ts";
import { fixedLooks } from "../../src/stats/looks.ts";
import type { Looks } from "../../src/stats/looks.ts";
import { pairedLogRatio } from "../../src/stats/paired-log-ratio.ts";
import { simulatedRounds } from "./simulated.ts";

describe("fixed looks", () => {
  it.each([
    [6, 24, [6, 10, 16, 24], 0.0182],
    [6, 6, [6], 0.05],
    [6, 9, [6, 9], 0.0294],
    [2, 4, [2, 3, 4], 0.0221],
  ])("%i to %i", (least, most, after, level) => {
    const looks = fixedLooks(least, most);
    expect(looks?.after).toEqual(after);
    expect(looks?.confidence).toBeCloseTo(1 - level, 10);
  });

  it("that would be too many for a level are none", () => {
    expect(fixedLooks(2, 1_000)).toBeUndefined();
    expect(() => fixedLooks(1, 4)).toThrow("from 2 rounds up");
    expect(() => fixedLooks(6, 5)).toThrow("from 2 rounds up");
  });
});

interface Sequence {
  readonly rounds: number;
  readonly decision: Equivalence;
  /** A look at which the interval excluded 1, whether or not the sequence ended there. */
  readonly sawDifference: boolean;
}

/** The rule of a run: at each look all rounds so far are compared, and the first decision ends it. */
function sequence({ after, confidence }: Looks, { a, b }: ReturnType<typeof simulatedRounds>) {
  let sawDifference = false;
  for (const rounds of after) {
    const interval = pairedLogRatio(a.slice(0, rounds), b.slice(0, rounds), confidence);
    sawDifference ||= (interval.low as number) > 1 || (interval.high as number) < 1;
    const decision = equivalenceDecision(interval, { margin: 0.05, better: "higher" });
    if (decision !== "inconclusive") return { rounds, decision, sawDifference };
  }
  return { rounds: after.at(-1) ?? 0, decision: "inconclusive", sawDifference } as const;
}

function simulate(ratio: number, repetitions: number, looks = fixedLooks(6, 24) as Looks) {
  const random = seededRandom(1977, `looks ${ratio} ${looks.confidence}`);
  const found: Sequence[] = [];
  for (let i = 0; i < repetitions; i++) {
    found.push(sequence(looks, simulatedRounds(random, { pairs: 24, ratio })));
  }
  const share = (is: (each: Sequence) => boolean): number => found.filter(is).length / repetitions;
  return { share, meanRounds: found.reduce((sum, { rounds }) => sum + rounds, 0) / repetitions };
}

describe("looks, by simulation", () => {
  /** In which part of runs without a difference an interval of some look excludes 1. */
  function falseAlarms({ after, confidence }: Looks, repetitions: number): number {
    const random = seededRandom(1977, "all looks");
    let seen = 0;
    for (let i = 0; i < repetitions; i++) {
      const { a, b } = simulatedRounds(random, { pairs: 24, ratio: 1 });
      const excludes = after.some((rounds) => {
        const { low, high } = pairedLogRatio(a.slice(0, rounds), b.slice(0, rounds), confidence);
        return (low as number) > 1 || (high as number) < 1;
      });
      if (excludes) seen++;
    }
    return seen / repetitions;
  }

  it("all of them together see a difference where there is none in 5 %", () => {
    const alarms = falseAlarms(fixedLooks(6, 24) as Looks, 8_000);
    // Three of the simulation's own deviations above.
    expect(alarms).toBeLessThan(0.0573);
    expect(alarms).toBeGreaterThan(0.035);
  });

  it("at the usual 95 % each they would be wrong twice as often, which this simulation can tell", () => {
    const { after } = fixedLooks(6, 24) as Looks;
    expect(falseAlarms({ after, confidence: 0.95 }, 2_000)).toBeGreaterThan(0.09);
  });

  it("the same strategy is hardly ever called different, and most often the same before the end", () => {
    const { share, meanRounds } = simulate(1, 2_000);
    expect(share(({ decision }) => decision === "better" || decision === "worse")).toBeLessThan(
      0.01,
    );
    expect(share(({ sawDifference }) => sawDifference)).toBeLessThan(0.06);
    expect(share(({ decision }) => decision === "same")).toBeGreaterThan(0.9);
    expect(meanRounds).toBeLessThan(20);
  });

  it("a difference of 5 %, the margin, is seen but not decided: it lies on the bound", () => {
    const { share } = simulate(1.05, 1_000);
    expect(share(({ sawDifference }) => sawDifference)).toBeGreaterThan(0.95);
    expect(share(({ decision }) => decision === "worse")).toBe(0);
    // Either decision is one tail of the levels together.
    expect(share(({ decision }) => decision === "same")).toBeLessThan(0.04);
    expect(share(({ decision }) => decision === "better")).toBeLessThan(0.04);
  });

  it("a difference of 15 % is decided, rightly, and in half the rounds", () => {
    const { share, meanRounds } = simulate(1.15, 1_000);
    expect(share(({ decision }) => decision === "better")).toBeGreaterThan(0.99);
    expect(meanRounds).toBeLessThan(12);
  });
});
