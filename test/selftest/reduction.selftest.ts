import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walkAll } from "../explore/theatres.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** What `test/explore/strategies.test.ts` shows for two bots: with three it takes longer than a test may. */
describe("reduction with three bots", { timeout: 600_000 }, () => {
  it.each(["single-update", "single-update-guarded", "for-update", "compare-and-set-status"])(
    "leaves out no outcome of %s",
    async (strategy) => {
      const all = await walkAll(database, { strategy, bots: 3, extent: "all" });
      const reduced = await walkAll(database, { strategy, bots: 3 });
      expect(all.tree.isDone).toBe(true);
      expect(reduced.tree.isDone).toBe(true);
      expect([...reduced.tally.outcomes.keys()].toSorted()).toEqual(
        [...all.tally.outcomes.keys()].toSorted(),
      );
    },
  );
});
