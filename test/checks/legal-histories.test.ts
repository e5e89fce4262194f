import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checks } from "../../src/checks/registry.ts";
import { EventTable } from "../../src/history/event-table.ts";
import type { HistoryEvent } from "../../src/history/event.ts";
import { corruptions } from "../histories/corruptions.ts";
import type { HistoryBuilder } from "../histories/builder.ts";
import { legalHistory, legalRun } from "../histories/legal-model.ts";
import type { ModelOptions } from "../histories/legal-model.ts";
import { modelOptions } from "../histories/model-options.ts";
import { accusations, evidenceOf } from "./judged.ts";

function eventsOf({ events }: HistoryBuilder): HistoryEvent[] {
  return Array.from({ length: events.length }, (_, index) => events.event(index));
}

/** Longer than any history of the model. */
const longLeaseMs = 1_000_000;

/** Without rescues, and without leases that could run out. */
function unexcused({ leaseMs }: ModelOptions): Partial<ModelOptions> {
  return {
    rescues: 0,
    losses: 0,
    takesExpired: false,
    leaseMs: leaseMs === null ? null : longLeaseMs,
  };
}

const lossy = { losses: 0.3, takesExpired: true, retryMs: 0, maxAttempts: 1 };

/** Legal histories that were accused once: bots that lost a job while an answer was lost, and got it back. */
const onceAccused: readonly ModelOptions[] = [
  {
    seed: 335551020,
    bots: 3,
    jobs: 7,
    steps: 225,
    tellsAttempt: true,
    limit: 1,
    rescues: 0.3,
    leaseMs: 20,
    keys: 1,
    ...lossy,
  },
  {
    seed: 1406290891,
    bots: 3,
    jobs: 2,
    steps: 96,
    tellsAttempt: false,
    limit: 1,
    rescues: 0.3,
    leaseMs: 20,
    keys: 1,
    ...lossy,
  },
  {
    seed: 2089556794,
    bots: 6,
    jobs: 1,
    steps: 61,
    tellsAttempt: false,
    limit: 1,
    rescues: 0.05,
    leaseMs: 20,
    keys: 0,
    ...lossy,
  },
  {
    seed: 793801822,
    bots: 2,
    jobs: 3,
    steps: 47,
    tellsAttempt: false,
    limit: 2,
    rescues: 0,
    leaseMs: 5,
    keys: 0,
    ...lossy,
  },
];

describe("legal histories", () => {
  it.each(onceAccused)("of seed $seed is not accused", (options) => {
    expect(accusations(legalHistory(options))).toEqual([]);
  });

  it("are never accused", () => {
    fc.assert(
      fc.property(modelOptions, (options) => {
        expect(accusations(legalHistory(options))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("are never accused with a witness, however far the clocks are off", () => {
    const offNs = fc.constantFrom(0, 100_000, 3_000_000, null);
    fc.assert(
      fc.property(modelOptions, offNs, fc.boolean(), (options, uncertaintyNs, isWhole) => {
        const { history, witness } = legalRun(options);
        expect(accusations(history, witness.round({ uncertaintyNs, isWhole }))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe("one corruption of a legal history", () => {
  it.each(corruptions)(
    "$name is caught by $check",
    ({ check: name, corrupt, isExcusedByRescue, needsLease }) => {
      const check = checks.find((candidate) => candidate.name === name);
      fc.assert(
        fc.property(modelOptions, fc.nat(), (options, place) => {
          const history = legalHistory({
            ...options,
            ...(isExcusedByRescue ? unexcused(options) : {}),
            ...(needsLease ? { leaseMs: longLeaseMs, losses: 0 } : {}),
          });
          const corrupted = corrupt(eventsOf(history), place);
          fc.pre(corrupted !== undefined);
          const events = new EventTable();
          for (const event of corrupted ?? []) events.push(event);
          const header = history.header();
          const evidence = evidenceOf({ header: () => header, events } as HistoryBuilder);
          expect(check?.judge(evidence)).toMatchObject({ verdict: "violated" });
        }),
        { numRuns: 60 },
      );
    },
  );
});
