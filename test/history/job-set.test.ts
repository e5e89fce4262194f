import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobRange } from "../../src/history/event.ts";
import { contains, difference, jobSet, jobsText, sizeOf } from "../../src/history/job-set.ts";

const range = fc
  .tuple(fc.nat(40), fc.nat(6))
  .map(([first, length]): JobRange => [first, first + length]);
const ranges = fc.array(range, { maxLength: 8 });

function members(all: readonly JobRange[]): number[] {
  const jobs = new Set<number>();
  for (const [first, last] of all) for (let job = first; job <= last; job++) jobs.add(job);
  return [...jobs].toSorted((left, right) => left - right);
}

describe("job sets", () => {
  it("hold what the ranges hold, without overlap", () => {
    fc.assert(
      fc.property(ranges, fc.nat(50), (all, job) => {
        const set = jobSet(all);
        expect(members(set)).toEqual(members(all));
        expect(sizeOf(set)).toBe(members(all).length);
        expect(contains(set, job)).toBe(members(all).includes(job));
      }),
    );
  });

  it("differ as sets do", () => {
    fc.assert(
      fc.property(ranges, ranges, (one, other) => {
        const left = new Set(members(other));
        const expected = members(one).filter((job) => !left.has(job));
        expect(members(difference(jobSet(one), jobSet(other)))).toEqual(expected);
      }),
    );
  });

  it("are told in a few words", () => {
    expect(
      jobsText(
        jobSet([
          [4, 4],
          [6, 9],
        ]),
      ),
    ).toBe("4, 6–9");
    const many = jobSet([1, 3, 5, 7, 9].map((job) => [job, job]));
    expect(jobsText(many)).toBe("1, 3, 5 and 2 more ranges");
  });
});
