import type { JobRange } from "./event.ts";

/** The fewest inclusive ranges that hold these ids and no others. */
export function rangesOf(ids: readonly number[]): JobRange[] {
  const ranges: [number, number][] = [];
  for (const id of ids.toSorted((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges;
}

/** Jobs as ranges that neither touch nor overlap, ascending: a million jobs in a row are two numbers. */
export type JobSet = readonly JobRange[];

export function jobSet(ranges: readonly JobRange[]): JobSet {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((left, right) => left[0] - right[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) {
      previous[1] = Math.max(previous[1], last);
    } else {
      merged.push([first, last]);
    }
  }
  return merged;
}

export function sizeOf(jobs: JobSet): number {
  return jobs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** By bisection. */
export function contains(jobs: JobSet, job: number): boolean {
  let [low, high] = [0, jobs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((jobs[middle] as JobRange)[1] < job) low = middle + 1;
    else high = middle;
  }
  return low < jobs.length && (jobs[low] as JobRange)[0] <= job;
}

/** The jobs of `jobs` that are not in `others`. */
export function difference(jobs: JobSet, others: JobSet): JobSet {
  const left: JobRange[] = [];
  let other = 0;
  for (const [first, last] of jobs) {
    let next = first;
    while (other < others.length && (others[other] as JobRange)[1] < first) other++;
    for (let at = other; at < others.length && (others[at] as JobRange)[0] <= last; at++) {
      const [from, to] = others[at] as JobRange;
      if (from > next) left.push([next, from - 1]);
      next = Math.max(next, to + 1);
    }
    if (next <= last) left.push([next, last]);
  }
  return left;
}

/** `4, 6–9 and 2 more ranges`. */
export function jobsText(jobs: JobSet): string {
  const shown = jobs.slice(0, 3).map(([first, last]) => rangeText(first, last));
  const hidden = jobs.length - shown.length;
  return hidden > 0 ? `${shown.join(", ")} and ${hidden} more ranges` : shown.join(", ");
}

function rangeText(first: number, last: number): string {
  return first === last ? String(first) : `${first}–${last}`;
}
