import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DoubleGrantWatch } from "../../src/checks/double-grant-watch.ts";
import { singleGrant } from "../../src/checks/single-grant.ts";
import { EventTable } from "../../src/history/event-table.ts";
import type { HistoryEvent } from "../../src/history/event.ts";
import { corruptions } from "../histories/corruptions.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { legalHistory } from "../histories/legal-model.ts";
import { modelOptions } from "../histories/model-options.ts";
import { judged } from "./judged.ts";

function watched({ events }: HistoryBuilder): DoubleGrantWatch {
  const watch = new DoubleGrantWatch(events, 0);
  watch.update();
  return watch;
}

function eventsOf({ events }: HistoryBuilder): HistoryEvent[] {
  return Array.from({ length: events.length }, (_, index) => events.event(index));
}

const begun = (): HistoryBuilder => new HistoryBuilder().begin().phase("load", "begin").enqueue(9);

describe("the watch on double grants", () => {
  it("tells of the first one who got it, who had it and when, and counts on", () => {
    const history = begun().granted(3, 7).granted(4, 7).granted(5, 7);
    const watch = watched(history);
    expect(watch.first).toMatchObject({ job: 7, holder: 3, bot: 4 });
    expect(watch.count).toBe(2);
  });

  it("looks at each event once, as the table grows", () => {
    const history = begun().granted(3, 7);
    const watch = watched(history);
    expect(watch.count).toBe(0);
    history.granted(4, 7);
    watch.update();
    watch.update();
    expect(watch.count).toBe(1);
  });

  it("sees a job that is granted once more after it was completed", () => {
    expect(watched(begun().granted(3, 7).completed(3, 7).granted(4, 7)).count).toBe(1);
  });

  it("says nothing of a job that was given back, taken away, or enqueued once more", () => {
    expect(watched(begun().granted(3, 7).released(3, 7).granted(4, 7)).count).toBe(0);
    expect(watched(begun().granted(3, 7).rescued(7).granted(4, 7)).count).toBe(0);
    expect(watched(begun().granted(3, 7).completed(3, 7).enqueue(9).granted(4, 7)).count).toBe(0);
  });

  it("says nothing while a rescue is under way, or when nobody knows what it took", () => {
    const history = begun().granted(3, 7);
    history.events.push({ t: 9e6, op: "rescue", type: "invoke" });
    expect(watched(history.granted(4, 7)).count).toBe(0);
    const lost = begun().granted(3, 7);
    lost.events.push({ t: 9e6, op: "rescue", type: "invoke" });
    lost.events.push({ t: 9.1e6, op: "rescue", type: "unknown" });
    expect(watched(lost.granted(4, 7)).count).toBe(0);
  });

  it("begins anew with every round", () => {
    const history = begun().granted(3, 7).end().begin().granted(4, 7);
    expect(watched(history).count).toBe(0);
  });

  it("never accuses a legal history", () => {
    fc.assert(
      fc.property(modelOptions, (options) => {
        expect(watched(legalHistory(options)).first).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("says nothing of a job that a resume tells of, which may be of an earlier claim than the last", () => {
    const history = new HistoryBuilder({ leases: { leaseMs: 60 } }).begin().enqueue(9);
    const note = (t: number, op: "claim" | "resume", type: "invoke" | "unknown"): void =>
      void history.events.push({ t: t * 1e6, op, type, bot: 3 });
    note(10, "claim", "invoke");
    note(11, "claim", "unknown");
    note(50, "claim", "invoke");
    note(51, "claim", "unknown");
    note(55, "resume", "invoke");
    history.events.push({ t: 56e6, op: "resume", type: "ok", bot: 3, job: 7 });
    // In its second lease from the first claim on, not yet from the last one on.
    expect(watched(history.at(80).granted(4, 7)).count).toBe(0);
  });

  it("accuses no corrupted history that single-grant does not", () => {
    let accused = 0;
    for (let seed = 0; seed < 60; seed++) {
      for (const { corrupt } of corruptions) {
        const model = { seed, bots: 4, jobs: 8, steps: 120, tellsAttempt: seed % 2 === 0 };
        const leases = { leaseMs: seed % 3 === 0 ? 20 : null, takesExpired: true };
        const retries = { retryMs: 10, maxAttempts: 3, losses: 0.05, rescues: 0.05 };
        const legal = legalHistory({ ...model, ...leases, ...retries, limit: 1 });
        const events = new EventTable();
        for (const event of corrupt(eventsOf(legal), seed) ?? []) events.push(event);
        const header = legal.header();
        const history = { header: () => header, events } as HistoryBuilder;
        if (watched(history).count === 0) continue;
        accused++;
        expect(judged(singleGrant, history).verdict).toBe("violated");
      }
    }
    expect(accused).toBeGreaterThan(0);
  });
});
