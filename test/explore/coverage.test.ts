import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exploreClasses } from "../../src/explore/schedule-coverage/classes.ts";
import type { ExploredClasses } from "../../src/explore/schedule-coverage/classes.ts";
import { coverageText } from "../../src/explore/schedule-coverage/coverage-text.ts";
import { coverageOf, pairsOf } from "../../src/explore/schedule-coverage/coverage.ts";
import type { RunClaim, SeenWait } from "../../src/explore/schedule-coverage/run-claims.ts";
import { roundsOfStrategy } from "../../src/explore/schedule-coverage/recorded-run.ts";
import type { RecordedRun } from "../../src/explore/schedule-coverage/recorded-run.ts";
import { EventTable } from "../../src/history/event-table.ts";
import { loadStrategy } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";

let database: TestDatabase;
let naive: ExploredClasses;
let forUpdate: ExploredClasses;

beforeAll(async () => {
  database = await openDatabase();
  naive = await explored("naive");
  forUpdate = await explored("for-update");
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function explored(reference: string): Promise<ExploredClasses> {
  const strategy = loadStrategy(reference);
  const request = { strategy, reference, constraints: false, budgetMs: 100_000, stepMs: 10_000 };
  return await exploreClasses(request, { ...database, signal: new AbortController().signal });
}

type Sent = readonly [name: string, from: number, to: number, job?: number];

function claim(bot: number, sent: readonly Sent[], waits: readonly SeenWait[] = []): RunClaim {
  const statements = sent.map(([name, from, to, job]) => ({ bot, name, from, to, rows: 1, job }));
  const from = Math.min(...sent.map(([, first]) => first));
  const to = Math.max(...sent.map(([, , last]) => last));
  return { bot, statements, waits, from, to };
}

/** Each statement takes one unit of time; `at`: when they are sent. */
function naiveClaim(bot: number, job: number, at: readonly [number, number, number]): RunClaim {
  const [find, mark, assign] = at;
  return claim(bot, [
    ["find", find, find + 1, job],
    ["mark", mark, mark + 1],
    ["assign", assign, assign + 1],
  ]);
}

const transaction = (at: number, job: number): readonly Sent[] => [
  ["begin", at, at + 1],
  ["lock", at + 2, at + 3, job],
  ["mark", at + 4, at + 5, job],
  ["assign", at + 6, at + 7],
  ["commit", at + 8, at + 9],
];

describe("the classes of two bots' claims", () => {
  it("are all found, with one schedule each, and what they break", () => {
    expect(naive).toMatchObject({ isWhole: true, areAlike: true });
    expect(naive.classes.map(({ example }) => example.broken.length > 0)).toEqual([
      false,
      true,
      true,
    ]);
    expect(new Set(naive.classes.map(({ key }) => key)).size).toBe(3);
  });
});

describe("the schedule coverage of a run", () => {
  it("counts exactly the classes that a history shows, whoever of the bots is first", () => {
    // 7 and 8 one after the other; 3 and 5 both read job 9 before either has marked it.
    const claims = [
      naiveClaim(8, 4, [0, 2, 4]),
      naiveClaim(7, 5, [10, 12, 14]),
      naiveClaim(5, 9, [100, 104, 108]),
      naiveClaim(3, 9, [102, 110, 112]),
    ];
    const two = coverageOf(naive, [claims.slice(0, 2), claims.slice(2)]);
    expect(two).toMatchObject({ visited: 2, possible: 0, never: 1, claims: 4 });
    expect(two.pairs).toMatchObject({ looked: 2, certain: 2, ambiguous: 0, outside: 0 });
    const one = coverageOf(naive, [claims.slice(0, 2)]);
    expect(one).toMatchObject({ visited: 1, possible: 0, never: 2 });
    expect(coverageOf(naive, [])).toMatchObject({ visited: 0, possible: 0, never: 3 });
  });

  it("never counts a pair whose times allow several classes", () => {
    // Both marks are under way at once: one may have waited for the other, or not.
    const claims = [
      claim(1, [
        ["find", 0, 1, 9],
        ["mark", 4, 20],
        ["assign", 22, 23],
      ]),
      claim(2, [
        ["find", 2, 3, 9],
        ["mark", 5, 21],
        ["assign", 24, 25],
      ]),
    ];
    const { visited, possible, never, pairs, classes } = coverageOf(naive, [claims]);
    expect({ visited, possible, never }).toEqual({ visited: 0, possible: 2, never: 1 });
    expect(pairs).toMatchObject({ certain: 0, ambiguous: 1 });
    expect(classes.map(({ seen }) => seen)).toEqual([0, 0, 0]);
  });

  it("knows a wait where somebody saw it, and only then", () => {
    const first = claim(1, transaction(0, 6));
    const sent: readonly Sent[] = [
      ["begin", 1, 2],
      ["lock", 5.5, 10, 8],
      ["mark", 11, 12, 8],
      ["assign", 13, 14],
      ["commit", 15, 16],
    ];
    const unseen = coverageOf(forUpdate, [[first, claim(2, sent)]]);
    expect(unseen.pairs).toMatchObject({ certain: 0, ambiguous: 1 });
    const wait = { statement: 1, from: 6, to: 7.5, waitsFor: [1] };
    const seen = coverageOf(forUpdate, [[first, claim(2, sent, [wait])]]);
    expect(seen.pairs).toMatchObject({ certain: 1, ambiguous: 0 });
    const visited = seen.classes.find((each) => each.seen === 1)?.example;
    expect(visited?.steps.filter(({ hasWaited }) => hasWaited)).toHaveLength(1);
    // By then the first bot's claim had not begun: it waited for the claim before that one.
    const late: readonly Sent[] = [
      ["begin", 8, 9],
      ["lock", 10, 17, 6],
      ["mark", 18, 19, 6],
      ["assign", 20, 21],
      ["commit", 22, 23],
    ];
    const other = coverageOf(forUpdate, [[claim(1, late), claim(2, sent, [wait])]]);
    expect(other.pairs).toMatchObject({ ambiguous: 1, outside: 0 });
  });

  it("leaves out pairs in which others had a part", () => {
    const two = [naiveClaim(1, 4, [0, 2, 4]), claim(2, [["find", 6, 7]])];
    const empty = { ...two[1], statements: [{ bot: 2, name: "find", from: 6, to: 7, rows: 0 }] };
    const { pairs, never } = coverageOf(naive, [[two[0], empty] as RunClaim[]]);
    expect(pairs).toMatchObject({ looked: 1, outside: 1 });
    expect(never).toBe(3);
    const failed = { ...empty, statements: [{ ...empty.statements[0], code: "57P01" }] };
    expect(coverageOf(naive, [[two[0], failed] as RunClaim[]]).pairs.outside).toBe(1);
  });

  it("looks at claims that overlap, and at each with the one before it", () => {
    const at = (bot: number, from: number, to: number): RunClaim =>
      claim(bot, [["find", from, to]]);
    const pairs = pairsOf([at(1, 0, 2), at(2, 1, 5), at(1, 3, 4), at(3, 7, 8), at(3, 9, 10)]);
    const shown = pairs.map(([one, other]) => `${one.bot}@${one.from} ${other.bot}@${other.from}`);
    expect(shown).toEqual(["1@0 2@1", "2@1 1@3", "2@1 3@7", "2@1 3@9"]);
  });

  it("refuses a run that did not play the strategy, or played another of that name", () => {
    const strategy = loadStrategy("naive");
    const claimSql = {
      transaction: "none",
      steps: strategy.steps.map(({ name, sql }) => ({ name, sql })),
    };
    const plan = { rounds: [{ strategy: "naive" }] };
    const statements = { statements: [], waits: [], warnings: [] };
    const run = (played: object): RecordedRun =>
      ({
        path: "a-run",
        header: { plan, claimSql: played },
        events: new EventTable(),
        statements,
      }) as unknown as RecordedRun;
    expect(roundsOfStrategy(run({ naive: claimSql }), "naive", strategy).rounds).toEqual([]);
    expect(() => roundsOfStrategy(run({}), "naive", strategy)).toThrow(
      /a-run: the run did not play "naive"\n.*it played naive/,
    );
    const other = { ...claimSql, steps: claimSql.steps.slice(1) };
    expect(() => roundsOfStrategy(run({ naive: other }), "naive", strategy)).toThrow(
      /"naive" claims otherwise today than in the run/,
    );
    const inTransaction = { ...claimSql, transaction: "serializable" };
    expect(() => roundsOfStrategy(run({ naive: inTransaction }), "naive", strategy)).toThrow(
      /claims otherwise/,
    );
  });

  it("draws what was never seen", () => {
    const claims = [naiveClaim(8, 4, [0, 2, 4]), naiveClaim(7, 5, [10, 12, 14])];
    const text = coverageText("naive", coverageOf(naive, [claims]), (_tone, plain) => plain);
    expect(text).toContain("naive: the run visited 1 of 3 classes of two bots' claims");
    expect(text.match(/never seen, so luck has not tested it/g)).toHaveLength(2);
    expect(text).toMatch(/^ +\d+ +mark … waits$/m);
    expect(text).toContain("single-grant is broken");
  });
});
