import { describe, expect, it } from "vitest";
import { Alarm } from "../../src/base/alarm.ts";
import { monotonicMs } from "../../src/base/clock.ts";

/** When the alarm rang, once it has. */
function ringing(set: (alarm: Alarm) => void): Promise<number> {
  return new Promise((resolve) => set(new Alarm(() => resolve(monotonicMs()))));
}

describe("Alarm", () => {
  it.each([0.2, 0.9, 1, 1.5, 7.3])("never rings early: %f ms", async (ms) => {
    for (let i = 0; i < 10; i++) {
      const dueMs = monotonicMs() + ms;
      expect(await ringing((alarm) => alarm.setAt(dueMs))).toBeGreaterThanOrEqual(dueMs);
    }
  });

  it("rings once, by the last setting", async () => {
    let rings = 0;
    const last = await new Promise<number>((resolve) => {
      const alarm = new Alarm(() => {
        rings++;
        resolve(monotonicMs());
      });
      alarm.set(1);
      alarm.set(5);
    });
    expect(last).toBeGreaterThan(0);
    await ringing((alarm) => alarm.set(10));
    expect(rings).toBe(1);
  });

  it("does not ring once it was called off", async () => {
    let rings = 0;
    const alarm = new Alarm(() => rings++);
    alarm.set(1);
    expect(alarm.pending).toBe(true);
    alarm.cancel();
    expect(alarm.pending).toBe(false);
    await ringing((other) => other.set(5));
    expect(rings).toBe(0);
  });
});
