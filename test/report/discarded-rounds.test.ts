import { expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { calibrate } from "../../src/report/calibration.ts";
import { compareStrategies } from "../../src/report/comparisons.ts";
import { discardedRounds, withoutRounds } from "../../src/report/discarded-rounds.ts";
import type { RoundMeasurement } from "../../src/report/measure/round.ts";
import { normal, simulatedRounds } from "../stats/simulated.ts";

function round(
  number: number,
  more: Partial<RoundMeasurement> & { cpuMs?: number } = {},
): RoundMeasurement {
  const { cpuMs = 5 + (number % 3) * 0.1, ...changes } = more;
  const generator = { eventLoopDelayMsP99: 1, cpuShare: 0.1, loopUtilization: 0.1 };
  const none = new Float64Array();
  return {
    round: number,
    repeat: number,
    isTwin: false,
    claimsPerSecond: 1000,
    isStarved: false,
    grants: 100,
    attempts: 100,
    service: none,
    response: none,
    toClaim: none,
    pickUp: none,
    timeline: {
      round: number,
      bucketMs: 1,
      durationMs: 1,
      claims: [],
      p50: [],
      p99: [],
      max: [],
      failed: [],
    },
    cost: undefined,
    load: { generator, canary: { cpuMs, queryMs: 10 + (number % 2) } },
    ...changes,
  };
}

const six = (changed: Partial<Record<number, number>> = {}): RoundMeasurement[] =>
  [0, 1, 2, 3, 4, 5].map((number) => {
    const cpuMs = changed[number];
    return round(number, cpuMs === undefined ? {} : { cpuMs });
  });

it("a round in which the same work took far longer is discarded, with how far it lay off", () => {
  const [discarded, ...others] = discardedRounds([{ name: "tested", rounds: six({ 3: 9 }) }]);
  expect(others).toEqual([]);
  expect(discarded).toMatchObject({ round: 3, strategy: "tested", canary: "cpuMs" });
  expect(discarded?.deviations).toBeGreaterThan(3);
});

it("a round is kept where the machine is quiet, and where a change is too small to matter", () => {
  expect(discardedRounds([{ name: "tested", rounds: six() }])).toEqual([]);
  // Far in deviations, because the others hardly differ, and 6 % off.
  expect(discardedRounds([{ name: "tested", rounds: six({ 3: 5.4 }) }])).toEqual([]);
});

it("nothing is discarded with fewer than six rounds: there is nothing to tell a stray one by", () => {
  expect(discardedRounds([{ name: "tested", rounds: six({ 3: 50 }).slice(1) }])).toEqual([]);
});

it("a strategy against itself tells what the machine resolves, and stays out of comparisons", () => {
  const rates = [1000, 1050, 980, 1010];
  const rounds = rates.flatMap((rate, repeat) => [
    round(repeat * 2, { repeat, claimsPerSecond: rate }),
    round(repeat * 2 + 1, {
      repeat,
      claimsPerSecond: rate * (1 + (repeat % 2) * 0.02),
      isTwin: true,
    }),
  ]);
  const subject = { name: "tested", role: "subject" as const, rounds };
  const control = {
    name: "naive",
    role: "control" as const,
    rounds: rates.map((rate, repeat) => round(repeat, { repeat, claimsPerSecond: rate / 2 })),
  };
  const calibration = calibrate([subject, control]);
  expect(calibration?.strategy).toBe("tested");
  const [metric] = calibration?.metrics ?? [];
  expect(metric).toMatchObject({ metric: "claimsPerSecond", pairs: 4 });
  expect(metric?.ratio).toBeCloseTo(1.02 ** -0.5, 4);
  // t(3) = 3.1824, s = ln 1.02 / √3, so half the width of the interval is 1.835 % on the logs.
  expect(metric?.resolution).toBeCloseTo(
    Math.expm1((3.1824 * Math.log(1.02)) / Math.sqrt(3) / 2),
    4,
  );
  expect(calibrate([control])).toBeNull();
  const [compared] = compareStrategies([subject, control]);
  expect(compared).toMatchObject({ pairs: 4, decision: "better", margin: 0.05 });
  expect(compared?.ratio).toBeCloseTo(2, 6);
});

it("by simulation: leaving out rounds in which the machine moved makes no difference where there is none", () => {
  const random = seededRandom(1974, "canary");
  const repetitions = 1_500;
  let [alarms, discards, logs] = [0, 0, 0];
  for (let i = 0; i < repetitions; i++) {
    // In one repeat of ten something else runs on the machine: the canary takes longer, and the first round suffers.
    const { a, b } = simulatedRounds(random, { pairs: 10, ratio: 1 });
    const rounds = [a, b].map((rates, side) =>
      rates.map((rate, repeat) => {
        const isDisturbed = random.next() < 0.1;
        const cpuMs = 5 * Math.exp(normal(random) * 0.02) * (isDisturbed ? 1.5 : 1);
        const claimsPerSecond = isDisturbed ? rate / 2 : rate;
        return round(repeat * 2 + side, { repeat, claimsPerSecond, cpuMs });
      }),
    );
    const compared = [
      { name: "tested", role: "subject" as const, rounds: rounds[0] ?? [] },
      { name: "naive", role: "control" as const, rounds: rounds[1] ?? [] },
    ];
    const discarded = discardedRounds(compared);
    discards += discarded.length;
    const [rate] = compareStrategies(withoutRounds(compared, discarded));
    if (rate?.significant === true) alarms++;
    logs += Math.log(rate?.ratio ?? 1);
  }
  // Two rounds of each run are disturbed; nearly all of them are found, and hardly any other.
  expect(discards / repetitions).toBeGreaterThan(1.8);
  expect(discards / repetitions).toBeLessThan(2.6);
  expect(alarms / repetitions).toBeGreaterThan(0.03);
  expect(alarms / repetitions).toBeLessThan(0.068);
  expect(Math.abs(logs / repetitions)).toBeLessThan(0.002);
});
