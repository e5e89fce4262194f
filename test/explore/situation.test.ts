import { describe, expect, it } from "vitest";
import { nothing } from "../../src/explore/footprint.ts";
import type { Footprint } from "../../src/explore/footprint.ts";
import type { Happened, Told } from "../../src/explore/schedule.ts";
import { deedsOf, situationOf } from "../../src/explore/search/situation.ts";

const place = { table: "jobs" };
const updates: Footprint = { ...nothing, locks: [place] };
const commits: Footprint = { ...nothing, publishes: [place] };
const reads: Footprint = { ...nothing, reads: [place] };

interface Took {
  readonly bot: number;
  readonly footprint: Footprint;
  /** Who was told something; the bot itself where nothing else is said. */
  readonly told?: readonly (number | Partial<Told>)[];
  readonly waiting?: readonly number[];
}

function standing(took: readonly Took[], alike = 0): string {
  const happened = took.map(({ bot, footprint, told = [bot], waiting = [] }): Happened => {
    const full = told.map((each) => {
      const some = typeof each === "number" ? { bot: each } : each;
      return { bot, what: "[1]", numbers: [], isDeadlock: false, ...some };
    });
    const freed = full.map((each) => each.bot).filter((each) => each !== bot);
    return { bot, footprint, freed, observation: "", told: full, waiting: new Set(waiting) };
  });
  const waiting = happened.at(-1)?.waiting ?? new Set();
  return situationOf(happened.flatMap(deedsOf), waiting, alike);
}

/** Bot 1 holds the row, two others come to wait in some order, and one of them goes first. */
function queue(order: readonly [number, number], first: number): readonly Took[] {
  const [one, other] = order;
  const last = first === one ? other : one;
  return [
    { bot: 1, footprint: updates },
    { bot: one, footprint: updates, told: [], waiting: [one] },
    { bot: other, footprint: updates, told: [], waiting: [one, other] },
    { bot: 1, footprint: commits, told: [1, first], waiting: [last] },
  ];
}

describe("a situation", () => {
  it("is the same whoever began to wait first, and another where somebody else goes first", () => {
    expect(standing(queue([2, 3], 3))).toBe(standing(queue([3, 2], 3)));
    expect(standing(queue([2, 3], 3))).not.toBe(standing(queue([2, 3], 2)));
  });

  it("is the same by other names where bots are alike", () => {
    expect(standing(queue([2, 3], 3), 3)).toBe(standing(queue([2, 3], 2), 3));
    expect(standing(queue([2, 3], 3), 2)).not.toBe(standing(queue([2, 3], 2), 2));
  });

  it("keeps the name of a bot whose number somebody was told", () => {
    const told = (first: number, numbers: readonly number[]): string => {
      const took = queue([2, 3], first);
      const read = { bot: 1, footprint: reads, told: [{ bot: 1, numbers }] };
      return standing([read, ...took], 3);
    };
    expect(told(2, [])).toBe(told(3, []));
    expect(told(2, [7])).toBe(told(3, [7]));
    expect(told(2, [3])).not.toBe(told(3, [3]));
  });

  it("is another where a waiting statement began before something that it would have seen", () => {
    const late = { bot: 3, footprint: commits };
    const waits: Took = { bot: 2, footprint: updates, told: [], waiting: [2] };
    const ends: Took = { bot: 1, footprint: commits, told: [1, 2] };
    const holds = { bot: 1, footprint: updates };
    expect(standing([holds, late, waits, ends])).not.toBe(standing([holds, waits, late, ends]));
  });

  it("is the same whoever came last to a deadlock, and another with another victim", () => {
    const deadlock = (order: readonly [number, number], victim: number): string => {
      const told = [1, 2].map((bot) => ({
        bot,
        isDeadlock: bot === victim,
        what: bot === victim ? "40P01" : "[1]",
      }));
      return standing([
        { bot: order[0], footprint: updates, told: [], waiting: [order[0]] },
        { bot: order[1], footprint: updates, told },
      ]);
    };
    expect(deadlock([1, 2], 1)).toBe(deadlock([2, 1], 1));
    expect(deadlock([1, 2], 1)).not.toBe(deadlock([1, 2], 2));
  });
});
