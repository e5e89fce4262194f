import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadStrategy, strategyNames } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { notBySteps } from "../../src/explore/not-by-steps.ts";
import { walkAll } from "./theatres.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("every schedule of two bots", () => {
  it.each(strategyNames())("holds %s to its word", async (name) => {
    const { verdict, breaks } = loadStrategy(name);
    const { tally, tree } = await walkAll(database, { strategy: name });
    const broken = tally.byProperty().filter(({ brokenIn }) => brokenIn > 0);
    const names = broken.map(({ property }) => property);
    expect(tree.isDone, `${name} was not walked to its end`).toBe(true);
    expect(tally.counts.stuck, tally.stuck.join("; ")).toBe(0);
    expect(tally.counts.complete).toBeGreaterThan(0);
    const isMeantToHold = verdict === "safe" || notBySteps.has(name);
    const asDeclared = names.filter((property) => isMeantToHold || breaks.includes(property));
    expect(asDeclared.length > 0, names.join()).toBe(!isMeantToHold);
  });
});

describe("reduction", () => {
  it.each([
    ["naive-transaction", 92],
    ["compare-and-set-status", 14],
    ["single-update-guarded", 4],
    ["for-update", 36],
  ])("leaves out no outcome of %s, which has %i orders", async (name, orders) => {
    const all = await walkAll(database, { strategy: name, extent: "all" });
    const reduced = await walkAll(database, { strategy: name });
    expect(all.begun).toBe(orders);
    expect(reduced.begun).toBeLessThan(orders);
    expect([...reduced.tally.outcomes.keys()].toSorted()).toEqual(
      [...all.tally.outcomes.keys()].toSorted(),
    );
  });
});
