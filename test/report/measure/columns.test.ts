import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { distributionOf } from "../../../src/report/measure/distribution.ts";
import { firstGrants } from "../../../src/report/measure/first-grants.ts";
import { measureLatencies } from "../../../src/report/measure/latencies.ts";
import { timelineOf } from "../../../src/report/measure/timeline.ts";
import type { HistoryBuilder } from "../../histories/builder.ts";
import { firstRound, loaded } from "./rounds.ts";

function timeline(tell: (history: HistoryBuilder) => void) {
  const { round, load } = firstRound(loaded(tell));
  const latencies = measureLatencies(round, load);
  return timelineOf({ round, load, grants: firstGrants(round, load), latencies });
}

/** Claims of so many milliseconds each, one after the other. */
function claims(history: HistoryBuilder, durationsMs: readonly number[]): void {
  let [atMs, job] = [101, 0];
  for (const ms of durationsMs) {
    history
      .at(atMs)
      .invoke(1, "claim")
      .at(atMs + ms)
      .answer(1, "claim", "ok", { job: ++job });
    history.completed(1, job);
    atMs += ms + 5;
  }
}

describe("a timeline", () => {
  test("holds every grant once, in at most 120 buckets, and the slowest in its maxima", () => {
    const durations = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, (durationsMs) => {
        const columns = timeline((history) => claims(history, durationsMs));
        const { claims: counts, p50, p99, max, failed, bucketMs, durationMs } = columns;
        expect(counts.length).toBeLessThanOrEqual(120);
        for (const column of [p50, p99, max, failed]) expect(column.length).toBe(counts.length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(durationsMs.length);
        expect(Math.max(...max.map((ms) => ms ?? 0))).toBe(Math.max(...durationsMs));
        expect(counts.length * bucketMs).toBeGreaterThanOrEqual(durationMs);
      }),
      { numRuns: 50 },
    );
  });

  test("has no percentile where a bucket has too few claims for it", () => {
    const { p50, p99, max } = timeline((history) => claims(history, [3, 3, 3]));
    expect(p50.every((value) => value === null)).toBe(true);
    expect(p99.every((value) => value === null)).toBe(true);
    expect(max).toContain(3);
  });

  test("counts what failed and what nobody knows where it ended", () => {
    const { failed } = timeline((history) => {
      history.at(101).does(1, "claim", "failed", { code: "57P01" });
      history.at(198).does(1, "claim", "unknown");
    });
    expect(failed.at(0)).toBe(1);
    expect(failed.at(-1)).toBe(1);
  });
});

describe("a distribution", () => {
  test("rises to the maximum in few steps, whatever the samples", () => {
    const samples = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), {
      minLength: 1,
      maxLength: 5000,
    });
    fc.assert(
      fc.property(samples, (values) => {
        const sorted = Float64Array.from(values).toSorted();
        const points = distributionOf(sorted);
        expect(points.length).toBeLessThanOrEqual(60);
        expect(points.at(-1)?.[0]).toBe(1);
        points.slice(1).forEach(([q, ms], place) => {
          const [before, msBefore] = points[place] ?? [0, 0];
          expect(q).toBeGreaterThan(before);
          expect(ms).toBeGreaterThanOrEqual(msBefore);
        });
      }),
      { numRuns: 50 },
    );
  });

  test("of nothing is empty", () => {
    expect(distributionOf(new Float64Array(0))).toEqual([]);
  });

  test("has the quantiles that people name", () => {
    const quantiles = distributionOf(new Float64Array(10_000)).map(([q]) => q);
    expect(quantiles).toEqual(expect.arrayContaining([0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]));
  });
});
