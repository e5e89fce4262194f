import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walkAll } from "../explore/theatres.ts";
import type { Walked } from "../explore/theatres.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
}, 60_000);

/**
 * What the bots were told and how the jobs are left. A check that compares times (was a job free all the while?) may judge
 * two orders differently that no bot can tell apart, so verdicts are compared over all schedules, not for each outcome.
 */
function endsOf({ tally }: Walked): readonly string[] {
  const ends = [...tally.outcomes.keys()].map((outcome) => outcome.replace(/\nbroken:.*$/, ""));
  return [...new Set(ends)].toSorted();
}

function brokenBy({ tally }: Walked): readonly string[] {
  const broken = tally.byProperty().filter(({ brokenIn }) => brokenIn > 0);
  return broken.map(({ property }) => property);
}

/** What `test/explore/strategies.test.ts` shows for two bots: with three it takes longer than a test may. */
describe("reduction with three bots", { timeout: 600_000 }, () => {
  it.each(["single-update", "single-update-guarded", "for-update"])(
    "leaves out no outcome of %s",
    async (strategy) => {
      const all = await walkAll(database, { strategy, bots: 3, extent: "all" });
      const reduced = await walkAll(database, { strategy, bots: 3 });
      expect(all.tree.isDone).toBe(true);
      expect(reduced.tree.isDone).toBe(true);
      expect(endsOf(reduced)).toEqual(endsOf(all));
      expect(brokenBy(reduced)).toEqual(brokenBy(all));
    },
  );
});

/** Every order of every step would be too many, and that BEGIN need be none is shown above. */
describe("reduction with three bots who look, change and commit", { timeout: 600_000 }, () => {
  it.each(["compare-and-set-status", "naive-transaction"])(
    "leaves out no outcome of %s",
    async (strategy) => {
      const play = { strategy, program: "attempt", bots: 3 } as const;
      const all = await walkAll(database, { ...play, extent: "all", fusesFreeSteps: true });
      const reduced = await walkAll(database, play);
      expect(all.tree.isDone).toBe(true);
      expect(reduced.tree.isDone).toBe(true);
      expect(reduced.begun).toBeLessThan(all.begun / 10);
      expect(endsOf(reduced)).toEqual(endsOf(all));
      expect(brokenBy(reduced)).toEqual(brokenBy(all));
    },
  );
});

/** Statements that touch one row by its key, and those that only add rows, are independent of more than others are. */
describe("reduction by the rows that a statement touches", { timeout: 600_000 }, () => {
  it.each([
    { strategy: "advisory-lock", program: "claim", bots: 2 },
    { strategy: "unique-claim-row", program: "claim", bots: 2 },
    { strategy: "skip-locked", program: "lifecycle", bots: 2 },
    { strategy: "single-update", program: "lifecycle", bots: 2 },
    { strategy: "skip-locked+complete-unfenced", program: "rescue", bots: 1 },
    { strategy: "compare-and-set-status", program: "rescue", bots: 1 },
  ] as const)("leaves out no outcome of $strategy in $program", async (play) => {
    const all = await walkAll(database, { ...play, extent: "all" });
    const reduced = await walkAll(database, play);
    expect(all.tree.isDone).toBe(true);
    expect(reduced.tree.isDone).toBe(true);
    expect(reduced.begun).toBeLessThan(all.begun);
    expect(endsOf(reduced)).toEqual(endsOf(all));
    expect(brokenBy(reduced)).toEqual(brokenBy(all));
  });
});
