import { describe, expect, it } from "vitest";
import type { LoadDetail } from "../../../src/history/load-detail.ts";
import {
  measureArrivals,
  measureGenerator,
  measureGrowth,
  measureWaits,
} from "../../../src/report/measure/load-detail.ts";

const generator = { eventLoopDelayMsP99: 1, cpuShare: 0.5, loopUtilization: 0.5 };
const load = (more: Partial<LoadDetail>): LoadDetail => ({ generator, ...more });

describe("what was noted of loads", () => {
  it("waits are shares of all samples of all rounds, the largest first", () => {
    const loads = [
      load({ waits: { CPU: 1, "Client:ClientRead": 2 } }),
      load({ waits: { "Lock:transactionid": 3, CPU: 2 } }),
      load({}),
    ];
    expect(measureWaits(loads)).toEqual({
      samples: 8,
      states: [
        { event: "CPU", share: 0.375 },
        { event: "Lock:transactionid", share: 0.375 },
        { event: "Client:ClientRead", share: 0.25 },
      ],
    });
  });

  it("arrivals are summed, not averaged", () => {
    const one = load({ arrivals: { scheduled: 10, late: 2, skipped: 1 } });
    expect(measureArrivals([one, one])).toEqual({ scheduled: 20, late: 4, skipped: 2 });
  });

  it("what nobody measured is null", () => {
    expect([
      measureWaits([load({})]),
      measureArrivals([]),
      measureGrowth([]),
      measureGenerator([]),
    ]).toEqual([null, null, null, null]);
  });

  it("the generator is that of its worst round, and the bottleneck where its loop hardly rested", () => {
    const service = Float64Array.of(100);
    const calm = { load: load({}), service };
    const busy = load({
      generator: { eventLoopDelayMsP99: 9, cpuShare: 0.2, loopUtilization: 0.95 },
    });
    expect(measureGenerator([calm, calm])?.isBottleneck).toBe(false);
    expect(measureGenerator([calm, { load: busy, service }])).toEqual({
      eventLoopDelayMsP99: 9,
      cpuShare: 0.5,
      isBottleneck: true,
      blurred: { rounds: 0, of: 2 },
    });
  });

  it("a loop that is late by more than a tenth of a round's median blurs that round", () => {
    const of = (...service: number[]) => ({ load: load({}), service: Float64Array.of(...service) });
    // Late by 1 ms: a tenth of 10 ms is just not exceeded.
    expect(measureGenerator([of(10), of(9.9), of(1, 50, 60)])?.blurred).toEqual({
      rounds: 1,
      of: 3,
    });
    expect(measureGenerator([of()])?.blurred).toEqual({ rounds: 0, of: 1 });
  });
});
