import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventLog } from "../../src/proxy/event-log.ts";

function fill(log: EventLog, events: number): void {
  for (let i = 0; i < events; i++) log.record({ kind: "connect", proxy: "a", connection: i });
}

describe("EventLog", () => {
  it("hands out what is new since the last time", () => {
    const log = new EventLog();
    fill(log, 3);
    const first = log.page(0);
    expect(first.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(log.page(first.next)).toEqual({ events: [], next: 3, dropped: 0 });
    fill(log, 1);
    expect(log.page(first.next).events.map(({ seq }) => seq)).toEqual([4]);
  });

  it("says how many were pushed out before they were asked for", () => {
    const log = new EventLog(10);
    fill(log, 25);
    const { events, dropped, next } = log.page(3);
    expect([events.length, events[0]?.seq, dropped, next]).toEqual([10, 16, 12, 25]);
  });

  it("a reader gets every event once, or is told that it was dropped", () => {
    const anySteps = fc.array(fc.nat({ max: 30 }), { maxLength: 20 });
    fc.assert(
      fc.property(anySteps, fc.integer({ min: 1, max: 40 }), (steps, capacity) => {
        const log = new EventLog(capacity);
        let since = 0;
        let accounted = 0;
        for (const step of steps) {
          fill(log, step);
          const { events, next, dropped } = log.page(since);
          expect(events.map(({ seq }) => seq)).toEqual(
            events.map((_, i) => since + dropped + 1 + i),
          );
          since = next;
          accounted += events.length + dropped;
        }
        expect(accounted).toBe(steps.reduce((sum, step) => sum + step, 0));
      }),
    );
  });

  it("stamps with the monotonic clock that every process of the machine reads", () => {
    const log = new EventLog();
    const before = process.hrtime.bigint();
    fill(log, 2);
    const after = process.hrtime.bigint();
    const [first, second] = log.page(0).events.map(({ atNs }) => BigInt(atNs));
    expect([
      first !== undefined && before <= first,
      second !== undefined && second <= after,
    ]).toEqual([true, true]);
  });

  it("answers a number from the future with nothing", () => {
    const log = new EventLog();
    fill(log, 2);
    expect(log.page(99)).toEqual({ events: [], next: 2, dropped: 0 });
  });
});
