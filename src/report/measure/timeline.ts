import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import { quantile } from "../../stats/quantile.ts";
import { supportedQuantile } from "../../stats/supported-quantile.ts";
import type { TimelineResult } from "../result.ts";
import { roundStep } from "../round-step.ts";
import type { Latencies } from "./latencies.ts";
import type { LoadWindow } from "./load-window.ts";
import { significant } from "./significant.ts";

const mostBuckets = 120;
const fewestBuckets = 10;
/** Twice what a median needs: buckets that are smaller show noise, and leave holes in the line. */
const claimsPerBucket = 12;

export interface TimelineParts {
  readonly round: RoundEvidence;
  readonly load: LoadWindow;
  readonly grants: Float64Array;
  readonly latencies: Latencies;
}

/** One round's load in at most 120 buckets of a round number of milliseconds. */
export function timelineOf(parts: TimelineParts): TimelineResult {
  const { round, load, grants, latencies } = parts;
  const durationMs = (load.toNs - load.fromNs) / nsPerMs;
  const bucketMs = bucketWidth(durationMs, Math.max(grants.length, latencies.toClaim.length));
  const buckets = Math.max(1, Math.ceil(durationMs / bucketMs));
  const bucketOf = (ns: number): number =>
    Math.min(buckets - 1, Math.max(0, Math.floor((ns - load.fromNs) / nsPerMs / bucketMs)));
  const claims = tally(buckets, grants, bucketOf);
  return {
    round: round.round,
    bucketMs,
    durationMs: significant(durationMs),
    claims,
    ...latencyColumns(latencies, buckets, bucketOf),
    failed: tally(buckets, failures(round, load), bucketOf),
  };
}

function bucketWidth(durationMs: number, grants: number): number {
  const wished = Math.round(grants / claimsPerBucket);
  const buckets = Math.min(mostBuckets, Math.max(fewestBuckets, wished));
  return durationMs > 0 ? roundStep(durationMs / buckets) : 1;
}

function tally(buckets: number, moments: Iterable<number>, bucketOf: (ns: number) => number) {
  const counts = Array.from({ length: buckets }, () => 0);
  for (const ns of moments) {
    const bucket = bucketOf(ns);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return counts;
}

function latencyColumns(
  { toClaim, grantedAtNs }: Latencies,
  buckets: number,
  bucketOf: (ns: number) => number,
): Pick<TimelineResult, "p50" | "p99" | "max"> {
  const ends = grantedAtNs.values();
  const starts = [0];
  for (const count of tally(buckets, ends, bucketOf)) starts.push((starts.at(-1) ?? 0) + count);
  const byBucket = new Float64Array(ends.length);
  const cursors = [...starts];
  toClaim.values().forEach((ms, place) => {
    const bucket = bucketOf(ends[place] as number);
    const cursor = cursors[bucket] as number;
    byBucket[cursor] = ms;
    cursors[bucket] = cursor + 1;
  });
  const sorted = Array.from({ length: buckets }, (_, bucket) =>
    byBucket.subarray(starts[bucket], starts[bucket + 1]).toSorted(),
  );
  const at = (q: number) => sorted.map((each) => supported(each, q));
  return {
    p50: at(0.5),
    p99: at(0.99),
    max: sorted.map((each) => significant(each.at(-1) ?? null)),
  };
}

function supported(sorted: Float64Array, q: number): number | null {
  return supportedQuantile(q, sorted.length) ? significant(quantile(sorted, q)) : null;
}

/** When attempts ended that failed, or that nobody knows the outcome of; conflicts too. */
function failures({ operations, events }: RoundEvidence, load: LoadWindow): number[] {
  const moments: number[] = [];
  for (let operation = 0; operation < operations.length; operation++) {
    const invoke = operations.invoke(operation);
    if (operations.op(operation) !== "claim" || invoke < load.from || invoke >= load.to) continue;
    const outcome = operations.outcome(operation);
    if (outcome !== "failed" && outcome !== "unknown") continue;
    const complete = operations.complete(operation);
    moments.push(events.t(complete === -1 ? invoke : complete));
  }
  return moments;
}
