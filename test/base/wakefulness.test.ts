import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Wakefulness } from "../../src/base/wakefulness.ts";

const [one, other] = [{}, {}];
const enoughEvents = 32;

let wakefulness: Wakefulness;
let nowMs = 0;
/** What the event loop would call next. */
let pending: (() => void)[] = [];

beforeEach(() => {
  pending = [];
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  vi.stubGlobal("setImmediate", (callback: () => void) => pending.push(callback));
  wakefulness = new Wakefulness();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function note(events: number, source: object = one): void {
  for (let i = 0; i < events; i++) wakefulness.noteEvent(source);
}

/** Whether it keeps the loop turning. */
function isAwake(): boolean {
  return pending.length > 0;
}

/** One turn of the loop, `ms` after the one before. */
function turn(ms: number): void {
  nowMs += ms;
  const callbacks = pending;
  pending = [];
  for (const callback of callbacks) callback();
}

describe("Wakefulness", () => {
  it("stays asleep until one source has been busy alone for a while", () => {
    note(enoughEvents - 1);
    expect(isAwake()).toBe(false);
    note(1);
    expect(isAwake()).toBe(true);
  });

  it("stays asleep while two sources are busy", () => {
    for (let i = 0; i < 1000; i++) note(1, i % 2 === 0 ? one : other);
    expect(isAwake()).toBe(false);
  });

  it("stays awake from one event to the next", () => {
    note(enoughEvents);
    for (let i = 0; i < 100; i++) {
      turn(0.03);
      expect(isAwake()).toBe(true);
      note(1);
    }
  });

  it("falls asleep when the next event does not come, and wants another series", () => {
    note(enoughEvents);
    turn(0.1);
    expect(isAwake()).toBe(false);
    note(enoughEvents - 1);
    expect(isAwake()).toBe(false);
    note(1);
    expect(isAwake()).toBe(true);
  });

  it("falls asleep when a second source becomes busy", () => {
    note(enoughEvents);
    note(1, other);
    turn(0.01);
    expect(isAwake()).toBe(false);
  });

  it("keeps off for long when somebody else needed the core", () => {
    note(enoughEvents);
    turn(5);
    expect(isAwake()).toBe(false);
    note(5000);
    expect(isAwake()).toBe(false);
    note(enoughEvents);
    expect(isAwake()).toBe(true);
  });
});
