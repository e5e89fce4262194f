import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { dealJobs } from "../../src/plan/deal-jobs.ts";
import { scenarioWith } from "../scenario/example.ts";

const deal = (jobs: string, seed = 1) =>
  dealJobs(scenarioWith(`jobs: ${jobs}`), seededRandom(seed));
const count = <T>(cards: readonly T[] | undefined, card: T): number =>
  (cards ?? []).filter((each) => each === card).length;

describe("jobs are dealt", () => {
  it("nothing where they are all alike", () => {
    expect(deal("{ count: 10 }")).toEqual({});
  });

  it("their shares to the nearest card, and none is left out", () => {
    const { types, priorities } = deal(
      "{ count: 12, types: { a: 3, b: 1 }, priorities: { 0: 1, -5: 1000 } }",
    );
    expect([count(types, "a"), count(types, "b")]).toEqual([9, 3]);
    expect(count(priorities, 0)).toBe(1);
    expect(types).toHaveLength(12);
  });

  it("by Zipf's law, the k-th type one k-th as often as the first where the exponent is 1", () => {
    const { types } = deal("{ count: 110, types: { zipf: 1, types: [a, b, c] } }");
    expect(["a", "b", "c"].map((type) => count(types, type))).toEqual([60, 30, 20]);
    const steep = deal("{ count: 100, types: { zipf: 3, types: [a, b] } }").types;
    expect([count(steep, "a"), count(steep, "b")]).toEqual([89, 11]);
  });

  it.each(["{ zipf: 0, types: [a] }", "{ zipf: 1, types: [] }", "{ zipf: 1, types: [a, a] }"])(
    "not by %s",
    (types) => {
      expect(() => deal(`{ count: 10, types: ${types} }`)).toThrow("x.yaml");
    },
  );

  it("keys in equal shares", () => {
    const { keys } = deal("{ count: 100, keys: 4 }");
    expect(["key-1", "key-2", "key-3", "key-4"].map((key) => count(keys, key))).toEqual([
      25, 25, 25, 25,
    ]);
  });

  it("by the seed, each on its own", () => {
    const jobs =
      "{ count: 1000, types: { a: 1, b: 1 }, priorities: { 0: 1, 1: 1 }, maxAttempts: 9 }";
    expect(deal(jobs)).toEqual(deal(jobs));
    expect(deal(jobs).types).not.toEqual(deal(jobs, 2).types);
    const { types = [], priorities = [], maxAttempts } = deal(jobs);
    const both = types.filter((type, at) => type === "a" && priorities[at] === 1).length;
    expect(both).toBeGreaterThan(150);
    expect(both).toBeLessThan(350);
    expect(maxAttempts).toBe(9);
  });

  it("from a deck of bounded length", () => {
    expect(deal("{ count: 1000000, types: { a: 1, b: 1 } }").types).toHaveLength(1000);
  });
});
