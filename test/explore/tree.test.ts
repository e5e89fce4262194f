import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinedFootprint, nothing } from "../../src/explore/footprint.ts";
import type { Footprint } from "../../src/explore/footprint.ts";
import type { Point, Scheduler } from "../../src/explore/schedule.ts";
import { Tree } from "../../src/explore/search/tree.ts";
import type { TreeOptions } from "../../src/explore/search/tree.ts";

/** A step of a model: it adds what it reads of one variable to what its bot has seen, or writes that to one. */
interface ModelStep {
  readonly kind: "read" | "write" | "lock" | "unlock";
  readonly variable: number;
}
type ModelProgram = readonly ModelStep[];

/**
 * Variables that are shared, and locks that bots wait for: a database as small as can be. As in a database a bot asks for a
 * lock whether it is free or not; where it is not, that is a step, too, and who lets it go sets one in the queue free: the first, if nothing else is said.
 */
class Model {
  readonly #programs: readonly ModelProgram[];
  readonly #next: number[];
  readonly #seen: string[];
  readonly #variables = new Map<number, string>();
  readonly #holders = new Map<number, number>();
  readonly #waiting: { readonly at: number; readonly step: ModelStep }[] = [];

  /** Which of so many that wait goes first, from 0. */
  readonly #whoFirst: (waiters: number) => number;

  constructor(programs: readonly ModelProgram[], whoFirst: (waiters: number) => number = () => 0) {
    this.#programs = programs;
    this.#whoFirst = whoFirst;
    this.#next = programs.map(() => 0);
    this.#seen = programs.map((_, bot) => `bot ${bot + 1}`);
  }

  /** Null: called off. */
  run(scheduler: Scheduler): string | null {
    const started = new Set<number>();
    let last: number | undefined;
    for (;;) {
      const enabled = this.#enabled();
      if (enabled.length === 0) break;
      const bot = scheduler.pick({ enabled, last, started } as unknown as Point);
      if (bot === null) return null;
      const { footprint, freed } = this.#take(bot - 1);
      started.add(bot);
      last = bot;
      const waiting = this.#blocked();
      const ended = waiting.has(bot) ? freed : [bot, ...freed];
      const told = ended.map((each) => ({ bot: each, what: "", numbers: [], isDeadlock: false }));
      const observation = JSON.stringify([
        ended,
        [...waiting].toSorted((one, other) => one - other),
      ]);
      scheduler.took({ bot, footprint, freed, observation, told, waiting });
    }
    return JSON.stringify([
      this.#seen,
      [...this.#variables].toSorted(([one], [other]) => one - other),
      this.#next.map((next, at) => next - (this.#waiting.some((each) => each.at === at) ? 1 : 0)),
    ]);
  }

  #enabled() {
    return this.#programs.flatMap((program, at) => {
      const step = program[this.#next[at] as number];
      if (step === undefined || this.#waiting.some((each) => each.at === at)) return [];
      return [{ bot: at + 1, step: { footprint: footprintOf(step) } }];
    });
  }

  #blocked(): ReadonlySet<number> {
    return new Set(this.#waiting.map(({ at }) => at + 1));
  }

  #take(at: number): { footprint: Footprint; freed: number[] } {
    const step = this.#programs[at]?.[this.#next[at] as number] as ModelStep;
    this.#next[at] = (this.#next[at] as number) + 1;
    const { kind, variable } = step;
    if (kind === "read") this.#seen[at] += `,${this.#variables.get(variable) ?? "-"}`;
    if (kind === "write") this.#variables.set(variable, this.#seen[at] as string);
    if (kind === "lock" && (this.#holders.get(variable) ?? at) !== at) {
      this.#waiting.push({ at, step });
    } else if (kind === "lock") this.#holders.set(variable, at);
    if (kind !== "unlock" || this.#holders.get(variable) !== at) {
      return { footprint: footprintOf(step), freed: [] };
    }
    this.#holders.delete(variable);
    const queue = this.#waiting.filter((each) => each.step.variable === variable);
    const first = queue[queue.length > 1 ? this.#whoFirst(queue.length) : 0];
    if (first !== undefined) {
      this.#holders.set(variable, first.at);
      this.#waiting.splice(this.#waiting.indexOf(first), 1);
    }
    const footprints = [step, ...queue.map((each) => each.step)].map(footprintOf);
    return {
      footprint: joinedFootprint(footprints),
      freed: first === undefined ? [] : [first.at + 1],
    };
  }
}

function footprintOf({ kind, variable }: ModelStep): Footprint {
  const value = { table: `variable ${variable}` };
  const lock = { table: `lock ${variable}` };
  if (kind === "read") return { ...nothing, reads: [value] };
  if (kind === "write") return { ...nothing, locks: [value], publishes: [value] };
  return kind === "lock"
    ? { ...nothing, locks: [lock] }
    : { ...nothing, locks: [lock], publishes: [lock] };
}

function outcomes(programs: readonly ModelProgram[], options: TreeOptions) {
  const tree = new Tree(options);
  const found = new Set<string>();
  let runs = 0;
  for (; !tree.isDone && runs < 20_000; runs++) {
    const walk = tree.walk();
    const outcome = new Model(programs).run(walk);
    walk.end(outcome !== null);
    if (outcome !== null) found.add(outcome);
  }
  expect(tree.isDone).toBe(true);
  return { found, runs };
}

const step = fc.record({
  kind: fc.constantFrom("read", "write", "lock", "unlock"),
  variable: fc.integer({ min: 0, max: 1 }),
}) as fc.Arbitrary<ModelStep>;
const threePrograms = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), {
  minLength: 2,
  maxLength: 3,
});

const read = { kind: "read", variable: 0 } as const;
const write = { kind: "write", variable: 0 } as const;

describe("the tree of schedules", () => {
  it("walks every order once", () => {
    const program = [read, write];
    expect(outcomes([program, program], { extent: "all", alike: 0 }).runs).toBe(6);
    expect(outcomes([program, program, program], { extent: "all", alike: 0 }).runs).toBe(90);
  });

  it("walks one of each set of orders that cannot be told apart", () => {
    const all = outcomes([[read], [read], [read]], { extent: "all", alike: 0 });
    const reduced = outcomes([[read], [read], [read]], { extent: "reduced", alike: 0 });
    expect(all.runs).toBe(6);
    expect(reduced.found.size).toBe(1);
    expect(reduced.runs).toBeLessThan(all.runs);
  });

  it("finds every outcome that it finds without reduction", () => {
    fc.assert(
      fc.property(threePrograms, (programs) => {
        const all = outcomes(programs, { extent: "all", alike: 0 });
        const reduced = outcomes(programs, { extent: "reduced", alike: 0 });
        expect([...reduced.found].toSorted()).toEqual([...all.found].toSorted());
        expect(reduced.runs).toBeLessThanOrEqual(all.runs);
      }),
      { numRuns: 40 },
    );
  });

  it("finds every outcome of bots that are alike, but for their names", () => {
    const nameless = (found: ReadonlySet<string>, bots: number): string[] => {
      const orders = permutations(Array.from({ length: bots }, (_, at) => at + 1));
      const names = [...found].map(
        (outcome) => orders.map((order) => renamed(outcome, order)).toSorted()[0],
      );
      return [...new Set(names as string[])].toSorted();
    };
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 2 }), (program) => {
        const programs = [program, program, program];
        const all = outcomes(programs, { extent: "all", alike: 0 });
        const reduced = outcomes(programs, { extent: "reduced", alike: 3 });
        expect(nameless(reduced.found, 3)).toEqual(nameless(all.found, 3));
      }),
      { numRuns: 20 },
    );
  });

  it("misses outcomes when it is told that dependent steps are independent", () => {
    const programs = [
      [read, write],
      [read, write],
    ];
    const blind = new Tree({ extent: "reduced", alike: 0 });
    const found = new Set<string>();
    while (!blind.isDone) {
      const walk = blind.walk();
      const outcome = new Model(programs).run({
        pick: (point) => walk.pick(point),
        took: (happened) =>
          walk.took({ ...happened, footprint: { ...nothing, reads: [{ table: "x" }] } }),
      });
      walk.end(outcome !== null);
      if (outcome !== null) found.add(outcome);
    }
    expect(found.size).toBeLessThan(outcomes(programs, { extent: "all", alike: 0 }).found.size);
  });

  it("passes bots over at most so often where that is the bound", () => {
    const program = [read, write, read, write];
    const runs = [0, 1, 2, 3].map(
      (extent) => outcomes([program, program], { extent, alike: 0 }).runs,
    );
    // 2 × 4 steps: 2, 8, 26, 44 schedules with at most 0, 1, 2, 3 preemptions.
    expect(runs).toEqual([2, 8, 26, 44]);
  });

  it("goes on from where it was saved", () => {
    const programs = [
      [read, write],
      [write, read],
    ];
    const whole = outcomes(programs, { extent: "reduced", alike: 0 });
    const found = new Set<string>();
    let tree = new Tree({ extent: "reduced", alike: 0 });
    let runs = 0;
    for (; !tree.isDone; runs++) {
      const walk = tree.walk();
      const outcome = new Model(programs).run(walk);
      walk.end(outcome !== null);
      if (outcome !== null) found.add(outcome);
      const saved: unknown = JSON.parse(JSON.stringify(tree.save()));
      tree = new Tree({ extent: "reduced", alike: 0 }, saved as ReturnType<Tree["save"]>);
    }
    expect(runs).toBe(whole.runs);
    expect(found).toEqual(whole.found);
  });

  it("follows both ways where the server decides by chance, and gives up on one that does not come again", () => {
    const program = [read, write];
    for (const comesAgain of [true, false]) {
      const tree = new Tree({ extent: "all", alike: 0 });
      let flips = 0;
      let runs = 0;
      for (; !tree.isDone && runs < 500; runs++) {
        const walk = tree.walk();
        const chance = comesAgain ? (flips++ % 2 === 0 ? "a" : "b") : runs < 2 ? "a" : "b";
        let steps = 0;
        const outcome = new Model([program, program]).run({
          pick: (point) => walk.pick(point),
          took: (happened) => walk.took({ ...happened, observation: ++steps === 2 ? chance : "" }),
        });
        walk.end(outcome !== null);
      }
      expect(tree.isDone).toBe(true);
      expect(tree.counts.chances).toBeGreaterThan(0);
      expect(tree.counts.unmet > 0).toBe(!comesAgain);
    }
  });
});

/** Every outcome there is, whoever goes on and whoever of those that wait goes first. */
function allOutcomes(programs: readonly ModelProgram[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (let script: number[] | undefined = []; script !== undefined;) {
    const path: { chosen: number; of: number }[] = [];
    const given: readonly number[] = script;
    const choose = (of: number): number => {
      const chosen = given[path.length] ?? 0;
      path.push({ chosen, of });
      return chosen;
    };
    const outcome = new Model(programs, choose).run({
      pick: ({ enabled }) => (enabled[choose(enabled.length)] as (typeof enabled)[number]).bot,
      took: () => undefined,
    });
    found.add(outcome as string);
    const last = path.findLastIndex(({ chosen, of }) => chosen + 1 < of);
    const kept = path.slice(0, last + 1).map(({ chosen }) => chosen);
    script = last < 0 ? undefined : [...kept.slice(0, -1), (kept.at(-1) as number) + 1];
  }
  return found;
}

describe("a server that decides by chance who goes first", () => {
  const turn = [
    { kind: "lock", variable: 0 },
    write,
    { kind: "unlock", variable: 0 },
    read,
  ] as const;

  /** But once, when it has to decide for that time, it lets the first in the queue go first. */
  function walkWithOneJump(programs: readonly ModelProgram[], jumpsAt: number, alike = 0) {
    const tree = new Tree({ extent: "reduced", alike });
    const found = new Set<string>();
    let asked = 0;
    const whoFirst = (waiters: number): number => (asked++ === jumpsAt ? waiters - 1 : 0);
    for (let run = 0; !tree.isDone && run < 5000; run++) {
      const walk = tree.walk();
      const outcome = new Model(programs, whoFirst).run(walk);
      walk.end(outcome !== null);
      if (outcome !== null) found.add(outcome);
    }
    expect(tree.isDone).toBe(true);
    return { found, counts: tree.counts };
  }

  it.each([0, 3])("misses no branch to which another order leads, %i bots alike", (alike) => {
    const walks = Array.from({ length: 4 }, (_, at) =>
      walkWithOneJump([turn, turn, turn], at, alike),
    );
    expect(walks.some(({ counts }) => counts.chances > 0)).toBe(true);
    expect(walks.map(({ counts }) => counts.unmet)).toEqual(walks.map(() => 0));
  });

  it("misses a branch in which somebody was told what no other order tells", () => {
    const walks = Array.from({ length: 4 }, (_, at) => {
      const tree = new Tree({ extent: "reduced", alike: 0 });
      let asked = 0;
      while (!tree.isDone) {
        const walk = tree.walk();
        const before = asked;
        const whoFirst = (waiters: number): number => (asked++ === at ? waiters - 1 : 0);
        new Model([turn, turn, turn], whoFirst).run({
          pick: (point) => walk.pick(point),
          took: (happened) => {
            const hasJumped = before <= at && at < asked;
            const told = happened.told.map((each) => ({ ...each, what: String(hasJumped) }));
            walk.took({ ...happened, told });
          },
        });
        walk.end(true);
      }
      return tree.counts;
    });
    expect(walks.some(({ chances }) => chances > 0)).toBe(true);
    expect(walks.some(({ unmet }) => unmet > 0)).toBe(true);
  });

  it("loses no outcome where it misses no branch", () => {
    const locking = fc.record({
      kind: fc.constantFrom("write", "lock", "lock", "unlock"),
      variable: fc.constant(0),
    }) as fc.Arbitrary<ModelStep>;
    const programs = fc.array(fc.array(locking, { minLength: 1, maxLength: 3 }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(programs, fc.integer({ min: 0, max: 20 }), (three, jumpsAt) => {
        const { found, counts } = walkWithOneJump(three, jumpsAt);
        if (counts.unmet > 0) return;
        expect([...found].toSorted()).toEqual([...allOutcomes(three)].toSorted());
      }),
      { numRuns: 25 },
    );
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

/** Bots by other names, in the order of their new ones. */
function renamed(outcome: string, order: readonly number[]): string {
  const [seen, variables, next] = JSON.parse(outcome) as [string[], [number, string][], number[]];
  const name = (text: string): string =>
    text.replaceAll(/bot (\d)/g, (_all, bot: string) => `bot ${order[Number(bot) - 1]}`);
  const sorted = <T>(items: readonly T[]): T[] => {
    const moved: T[] = [];
    for (const [at, item] of items.entries()) moved[(order[at] as number) - 1] = item;
    return moved;
  };
  const named = variables.map(([variable, value]) => [variable, name(value)]);
  return JSON.stringify([sorted(seen.map(name)), named, sorted(next)]);
}
