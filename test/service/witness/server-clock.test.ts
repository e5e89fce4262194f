import fc from "fast-check";
import { expect, it } from "vitest";
import { serverTime } from "../../../src/service/witness/server-clock.ts";

const bootUs = 1_790_000_000_000_000;

/** A server whose clock is `offset` µs ahead, read by a question that took `tripNs` and was answered after a part of it. */
function reading(atNs: number, offsetUs: number, tripNs: number, answered: number) {
  const [uncertaintyNs, runNs] = [tripNs / 2, atNs + tripNs / 2];
  return { serverUs: bootUs + offsetUs + (atNs + tripNs * answered) / 1000, runNs, uncertaintyNs };
}

const trip = fc.integer({ min: 1_000, max: 5_000_000 });
const part = fc.double({ min: 0, max: 1, noNaN: true });

it("is never further off than it says, also when the server's clock was set in between", () => {
  fc.assert(
    fc.property(
      fc.tuple(trip, part),
      fc.tuple(trip, part),
      fc.integer({ min: -50_000, max: 50_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (first, last, setUs, when) => {
        const lastNs = 60e9;
        const time = serverTime(reading(0, 0, ...first), reading(lastNs, setUs, ...last));
        const trueNs = when * lastNs;
        for (const offsetUs of [0, setUs]) {
          const toldNs = time.toRunNs(bootUs + offsetUs + trueNs / 1000);
          // Half a microsecond for what numbers of this size round to.
          expect(Math.abs(toldNs - trueNs)).toBeLessThanOrEqual(time.uncertaintyNs + 500);
        }
      },
    ),
  );
});

it("says how far the clocks moved against each other", () => {
  const still = serverTime(reading(0, 0, 1000, 0.5), reading(1e9, 0, 3000, 0.5));
  expect(still.uncertaintyNs).toBe(1500);
  const set = serverTime(reading(0, 0, 1000, 0.5), reading(1e9, 40, 3000, 0.5));
  expect(set.uncertaintyNs).toBe(1500 + 20_000);
});
