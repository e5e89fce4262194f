import { describe, expect, it } from "vitest";
import { EventTable } from "../../src/history/event-table.ts";
import type { HistoryEvent } from "../../src/history/event.ts";

describe("event table", () => {
  it("gives back what it was given, across its blocks", () => {
    const table = new EventTable();
    const events: HistoryEvent[] = Array.from({ length: 10_000 }, (_, i) => ({
      i,
      t: i * 1000.5,
      op: i % 2 === 0 ? "claim" : "complete",
      type: i % 3 === 0 ? "invoke" : "failed",
      ...(i % 5 === 0 ? {} : { bot: i % 7, job: 2 ** 40 + i, attempt: i % 4 }),
      ...(i % 11 === 0 ? { code: `code ${i % 13}` } : {}),
      ...(i % 1000 === 0 ? { detail: { limit: i } } : {}),
    }));
    for (const { i: _, ...event } of events) table.push(event);
    expect(table.length).toBe(10_000);
    expect(events.map(({ i }) => table.event(i))).toEqual(events);
  });

  it("keeps when a claim was meant to start, alone and beside other details", () => {
    const table = new EventTable();
    table.push({ t: 0, op: "claim", type: "invoke", bot: 1, detail: { intendedAt: 0 } });
    table.push({ t: 0, op: "claim", type: "invoke", bot: 1, detail: { intendedAt: 5, limit: 2 } });
    table.push({ t: 0, op: "claim", type: "invoke", bot: 1 });
    expect([0, 1, 2].map((index) => table.intendedAt(index))).toEqual([0, 5, undefined]);
    expect([0, 1, 2].map((index) => table.detail(index))).toEqual([
      { intendedAt: 0 },
      { intendedAt: 5, limit: 2 },
      undefined,
    ]);
  });

  it("finds the notes of a window", () => {
    const table = new EventTable();
    for (let index = 0; index < 20; index++) {
      if (index % 4 === 0) table.push({ t: 0, op: "fault", type: "info" });
      else table.push({ t: 0, op: "claim", type: "invoke", bot: 1 });
    }
    expect(table.notes(0, 20)).toEqual([0, 4, 8, 12, 16]);
    expect(table.notes(4, 12)).toEqual([4, 8]);
    expect(table.notes(17, 20)).toEqual([]);
  });

  it("keeps numbers that have gaps", () => {
    const table = new EventTable();
    table.push({ t: 0, op: "claim", type: "invoke" });
    table.push({ t: 0, op: "claim", type: "ok" }, 7);
    table.push({ t: 0, op: "claim", type: "ok" }, 9);
    expect([0, 1, 2].map((index) => table.event(index).i)).toEqual([0, 7, 9]);
  });
});
