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
    const busy = load({
      generator: { eventLoopDelayMsP99: 9, cpuShare: 0.2, loopUtilization: 0.95 },
    });
    expect(measureGenerator([load({}), load({})])?.isBottleneck).toBe(false);
    expect(measureGenerator([load({}), busy])).toEqual({
      eventLoopDelayMsP99: 9,
      cpuShare: 0.5,
      isBottleneck: true,
    });
  });
});
