import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Deadline } from "../../src/base/deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("expires so long after it was last set, once", () => {
  const onExpiry = vi.fn<() => void>();
  const deadline = new Deadline(100, onExpiry);
  deadline.set();
  vi.advanceTimersByTime(99);
  deadline.set();
  vi.advanceTimersByTime(99);
  expect(onExpiry).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onExpiry).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(onExpiry).toHaveBeenCalledTimes(1);
});

it("does not expire when it was cleared, and can be set again after it has run out", () => {
  const onExpiry = vi.fn<() => void>();
  const deadline = new Deadline(100, onExpiry);
  deadline.set();
  deadline.clear();
  vi.advanceTimersByTime(500);
  expect(onExpiry).not.toHaveBeenCalled();
  deadline.set();
  vi.advanceTimersByTime(100);
  expect(onExpiry).toHaveBeenCalledTimes(1);
});

it("keeps no timer once it is stopped", () => {
  const deadline = new Deadline(100, () => undefined);
  deadline.set();
  deadline.stop();
  expect(vi.getTimerCount()).toBe(0);
});
