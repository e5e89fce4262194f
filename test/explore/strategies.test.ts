import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { explorationTable, shortExplorationTable } from "../../src/explore/exploration-table.ts";
import { exploreStrategy } from "../../src/explore/explore-strategy.ts";
import type { Exploration } from "../../src/explore/explore-strategy.ts";
import { notBySteps } from "../../src/explore/not-by-steps.ts";
import { loadStrategy, strategyNames } from "../../src/service/strategy.ts";
import { openDatabase } from "../setup/database.ts";
import type { TestDatabase } from "../setup/database.ts";
import { walkAll } from "./theatres.ts";

let database: TestDatabase;
const explorations = new Map<string, Exploration>();

beforeAll(async () => {
  database = await openDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function exploreByTwo(reference: string): Promise<Exploration> {
  const common = { program: "claim", constraints: false, crashes: false, prunes: true } as const;
  const bounds = { budgetMs: 120_000, stepMs: 10_000, shrinkMs: 60_000, seed: 1 };
  const strategy = loadStrategy(reference);
  const request = { ...common, ...bounds, strategy, reference, bots: 2, jobs: 3 };
  const signal = new AbortController().signal;
  const { exploration } = await exploreStrategy(request, { ...database, signal });
  explorations.set(reference, exploration);
  return exploration;
}

/** Which job a strategy draws is chance, and how many schedules there are is as well: that number stays as it stands. */
function withoutChance(table: string, former: string): string {
  const formerLines = former.split("\n");
  const lines = table.split("\n").map((line) => {
    const name = /^\| ([\w-]+)/.exec(line)?.[1] ?? "";
    if (!drawsByChance.has(name)) return line;
    const same = (other: string): boolean =>
      other.replaceAll(/\d+/g, "#") === line.replaceAll(/\d+/g, "#");
    return formerLines.find(same) ?? line;
  });
  return lines.join("\n");
}

const drawsByChance: ReadonlySet<string> = new Set(
  strategyNames().filter((name) =>
    loadStrategy(name).steps.some(({ sql }) => /\brandom\(\)/.test(sql)),
  ),
);

describe("every schedule of two bots", () => {
  it.each(strategyNames())("holds %s to its word", async (name) => {
    const { verdict, breaks } = loadStrategy(name);
    const { guarantees, properties, schedules, stuck } = await exploreByTwo(name);
    const broken = properties.filter(({ brokenIn }) => brokenIn > 0);
    const names = broken.map(({ property }) => property);
    expect(guarantees).toEqual([{ kind: "every-interleaving" }]);
    expect(schedules.stuck, stuck.join("; ")).toBe(0);
    expect(schedules.complete).toBeGreaterThan(0);
    const isMeantToHold = verdict === "safe" || notBySteps.has(name);
    const asDeclared = names.filter((property) => isMeantToHold || breaks.includes(property));
    expect(asDeclared.length > 0, names.join()).toBe(!isMeantToHold);
  });

  it.each([
    ["README.md", "<!-- explored, two bots -->", shortExplorationTable],
    ["docs/explore.md", "<!-- explore all --table -->", explorationTable],
  ] as const)("is what the table in %s says", async (page, begin, render) => {
    const all = strategyNames().map((name) => explorations.get(name));
    const known = all.filter((exploration) => exploration !== undefined);
    expect(known.length, "the tests above have explored them").toBe(strategyNames().length);
    const file = join(packageRoot, page);
    const [before, rest = ""] = readFileSync(file, "utf8").split(begin);
    const end = rest.indexOf("<!-- end of");
    const table = withoutChance(render(known), rest.slice(0, end));
    const text = `${before}${begin}\n\n${table}\n${rest.slice(end)}`;
    await expect(text).toMatchFileSnapshot(file);
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
