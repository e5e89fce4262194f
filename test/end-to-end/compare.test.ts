import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { comparisonResultSchema } from "../../src/compare/comparison-result.ts";
import { trendSchema } from "../../src/trend/trend-result.ts";
import { Workplace } from "./command.ts";

const strategies = ["skip-locked", "table-lock"];
const scenario = ["--scenario", "scenarios/simple-race.yaml", "--rounds", "2"];

describe("doubletake compare", () => {
  it("runs two strategies in turns, and reads what was recorded", async () => {
    using place = new Workplace();
    const live = await place.run("compare", ...strategies, ...scenario, "--json");
    const comparison = comparisonResultSchema.parse(JSON.parse(live.stdout));
    expect(live.exitCode).toBe(comparison.exitCode);
    expect(comparison.changes).toEqual([]);
    expect(comparison.comparisons.every(({ advisory }) => !advisory)).toBe(true);
    const run = readdirSync(place.reports).find((name) => name !== "latest");
    const folder = join(place.reports, run ?? "");

    const itself = await place.run("compare", folder, folder, "--json");
    const same = comparisonResultSchema.parse(JSON.parse(itself.stdout));
    expect(same).toMatchObject({ changes: [] });
    expect(
      same.comparisons.find(({ metric }) => metric === "costPerClaim.statements"),
    ).toMatchObject({ ratio: 1, advisory: false });

    const trend = await place.run("trend", place.reports, "--json");
    expect(trendSchema.parse(JSON.parse(trend.stdout))).toMatchObject({ runs: 1 });
    const page = await place.run("trend", place.reports);
    expect(page).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("no level changed"),
    });
    expect(readFileSync(join(place.reports, "trend.html"), "utf8")).toContain("1 run over time");
  });

  it("runs two builds of a queue in code in turns", async () => {
    using place = new Workplace();
    const builds = ["in-memory", "complete"].map((name) => `test/fixtures/queues/${name}.mjs`);
    const live = await place.run("compare", ...builds, ...scenario, "--json");
    const comparison = comparisonResultSchema.parse(JSON.parse(live.stdout));
    expect(comparison.changes).toEqual([]);
    // The other build has a request of its own for the beginning of the work.
    const [statements] = comparison.comparisons;
    expect(statements).toMatchObject({ metric: "costPerClaim.statements", decision: "worse" });
    expect(statements?.ratio).toBeCloseTo(1.5, 1);
    expect(live.exitCode).toBe(3);
  });

  it.each([
    ["a folder without results", ["docs", "docs"], "there is no result.json in it"],
    ["nothing", ["no/where", "no/where"], "no result can be read (ENOENT)"],
    ["a margin of nothing", ["a", "b", "--time-margin", "0"], "not a percentage above 0"],
    ["an unknown strategy", ["naive", "no-such", ...scenario], 'there is no strategy "no-such"'],
    ["a strategy with itself", ["naive", "naive", ...scenario], "stands twice"],
  ])("%s is bad usage", async (_what, args, message) => {
    using place = new Workplace();
    const { exitCode, stderr } = await place.run("compare", ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(64);
  });
});
