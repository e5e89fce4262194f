import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { runResultSchema } from "../../src/report/result.ts";
import type { RunResult, StrategyResult } from "../../src/report/result.ts";
import { ControlDatabase } from "../../src/service/control-database.ts";
import { Workplace } from "./command.ts";

const strategyOf = (result: RunResult, name: string): StrategyResult => {
  const found = result.strategies.find((strategy) => strategy.name === name);
  if (found === undefined) throw new Error(`the result has no ${name}`);
  return found;
};
const violated = (strategy: StrategyResult): string[] =>
  strategy.checks.filter(({ verdict }) => verdict === "violated").map(({ name }) => name);
const runFiles = ["history.ndjson", "result.json", "summary.md", "summary.txt", "report.html"];

describe("doubletake run", () => {
  it("passes skip-locked, catches naive, and prints exactly result.json", async () => {
    using place = new Workplace();
    const { exitCode, stdout } = await place.run(
      "run",
      "scenarios/intensive-race.yaml",
      "--json",
      "--quiet",
    );
    const result = runResultSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(0);
    expect(result.verdict).toBe("passed");
    expect(strategyOf(result, "skip-locked").claims).toMatchObject({ granted: 90, duplicates: 0 });
    expect(strategyOf(result, "skip-locked").inconsistencies).toBe(0);
    expect(strategyOf(result, "naive").claims.duplicates).toBeGreaterThan(0);
    expect(violated(strategyOf(result, "naive"))).toContain("single-grant");

    const latest = join(place.reports, "latest");
    expect(readlinkSync(latest)).toMatch(/-intensive-race-\d+$/);
    for (const file of runFiles) expect(existsSync(join(latest, file)), file).toBe(true);
    expect(JSON.parse(readFileSync(join(latest, "result.json"), "utf8"))).toEqual(result);
    expect(place.leftovers()).toEqual([]);
  });

  it("with the naive strategy as its subject exits 1 and names jobs and bots with their events", async () => {
    using place = new Workplace();
    const args = ["run", "scenarios/intensive-race.yaml", "--strategy", "naive", "--seed", "7"];
    const { exitCode, stdout } = await place.run(...args, "--quiet");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/job \d+ .*bot \d+/);
    expect(stdout).toContain("--seed 7");
    const judged = await place.run("check", join(place.reports, "latest"), "--json");
    expect(judged.exitCode).toBe(1);
    const [naive] = runResultSchema.parse(JSON.parse(judged.stdout)).strategies;
    const single = naive?.checks.find(({ name }) => name === "single-grant");
    // Both grants are shown: by the bots' answers, or by what the database committed where an answer was lost.
    const { events = [], changes = [], bots = [] } = single?.evidence[0] ?? {};
    expect(events.length + changes.length).toBeGreaterThanOrEqual(2);
    expect(bots.length).toBeGreaterThanOrEqual(1);
  });

  it("reproduces the incident: a stale pointer stalls the naive claim, and the verdict says why", async () => {
    using place = new Workplace();
    const { exitCode, stdout } = await place.run(
      "run",
      "scenarios/stuck-head.yaml",
      "--json",
      "--quiet",
    );
    const result = runResultSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(0);
    const control = strategyOf(result, "naive-transaction");
    expect(violated(control)).toContain("no-head-of-line-block");
    const why = control.checks.find(({ name }) => name === "no-head-of-line-block");
    expect(why?.evidence[0]?.summary).toContain("23505");
    expect(strategyOf(result, "skip-locked").verdict).toBe("passed");
  });

  it("is inconclusive, not passed, when the control is not caught", async () => {
    using place = new Workplace();
    const file = join(place.path, "no-power.yaml");
    writeFileSync(
      file,
      `name: no-power
description: One bot alone cannot race
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 20, work: 0ms }
bots: { count: 1 }
load: { kind: drain }
`,
    );
    const { exitCode, stdout } = await place.run("run", file, "--json", "--quiet");
    const result = runResultSchema.parse(JSON.parse(stdout));
    expect(result.verdict).toBe("inconclusive");
    expect(exitCode).toBe(2);
  });

  it("skips a scenario that needs what its environment cannot do, with the reason, and does not pass it", async () => {
    using place = new Workplace();
    const file = join(place.path, "needs-a-crash.yaml");
    const scenario = readFileSync(join(packageRoot, "scenarios/simple-race.yaml"), "utf8");
    writeFileSync(file, `${scenario}requires: [crash]\n`);
    const { host, port, user, password, database } = inject("postgres");
    const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
    const skipped = await place.run("run", file, "--postgres", url);
    expect(skipped).toMatchObject({ exitCode: 2, stdout: "" });
    expect(skipped.stderr).toMatch(/simple-race is skipped: PostgreSQL .* cannot crash/);

    writeFileSync(file, `${scenario}requires: [crush]\n`);
    const misspelt = await place.run("run", file);
    expect(misspelt).toMatchObject({ exitCode: 64, stdout: "" });
    expect(misspelt.stderr).toMatch(/"crush", which no environment can do[\s\S]*crash/);
  });

  it("runs on a database that exists, inside a schema of its own that is gone afterwards", async () => {
    using place = new Workplace();
    const { host, port, user, password, database } = inject("postgres");
    const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
    const ran = await place.run(
      "run",
      "scenarios/simple-race.yaml",
      "--postgres",
      url,
      "--json",
      "--quiet",
    );
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stdout).not.toContain(password);
    const history = readFileSync(join(place.reports, "latest", "history.ndjson"), "utf8");
    expect(history).not.toContain(password);
    await using outside = new ControlDatabase(inject("postgres"), "public");
    const schemas = await outside.query(
      "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'doubletake%'",
    );
    expect(schemas).toEqual([{ nspname: "doubletake" }]);
  });

  it("prints the plan and starts nothing with --dry-run, the same for the same seed", async () => {
    using place = new Workplace();
    const args = ["run", "scenarios/chaos-monkey.yaml", "--dry-run", "--seed", "11"];
    const [first, second] = await Promise.all([place.run(...args), place.run(...args)]);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout).toContain("kill-connection");
    expect(existsSync(place.reports)).toBe(false);
  });
});
