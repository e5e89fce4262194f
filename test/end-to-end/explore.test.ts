import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Coverage } from "../../src/explore/schedule-coverage/coverage.ts";
import type { Exploration } from "../../src/explore/explore-strategy.ts";
import type { RunResult } from "../../src/report/result.ts";
import { Workplace } from "./command.ts";

const place = new Workplace();
const out = join(place.path, "explored");
afterAll(() => place[Symbol.dispose]());

function explore(...args: readonly string[]) {
  return place.run("explore", ...args, "--out", out);
}

function userStrategy(name: string, claim: string): string {
  const file = join(place.path, `${name}.sql`);
  const head = [
    `-- strategy: ${name}`,
    "-- summary: a user's own",
    "-- transaction: none",
    "-- verdict: safe",
  ];
  writeFileSync(file, [...head, "-- step: claim", claim, ""].join("\n"));
  return file;
}

describe("doubletake explore", () => {
  it("prints one document, saves what is broken, and replays it", async () => {
    const [spec, html] = [join(out, "first.spec"), join(out, "first.html")];
    const args = ["single-update,skip-locked", "--json", "--spec", spec, "--html", html];
    const { exitCode, stdout, stderr } = await explore(...args);
    expect(exitCode, stderr).toBe(1);
    const document = JSON.parse(stdout) as { exitCode: number; explorations: Exploration[] };
    expect(document.exitCode).toBe(1);
    expect(document.explorations.map(({ strategy, verdict }) => [strategy, verdict])).toEqual([
      ["single-update", "violated"],
      ["skip-locked", "passed"],
    ]);
    expect(readFileSync(spec, "utf8")).toContain('permutation "1a begin" "1 claim"');
    expect(readFileSync(html, "utf8")).toContain("<!doctype html>");
    const file = join(out, "single-update-claim-2-bots-single-grant.json");
    const replayed = await place.run("replay", file);
    expect(replayed.exitCode).toBe(1);
    expect(replayed.stdout).toContain(
      "the schedule went as it was recorded, and breaks the same again",
    );
    expect(place.leftovers()).toEqual([]);
  });

  it("proves a safe strategy, and says by what", async () => {
    const { exitCode, stdout } = await explore("for-update", "--quiet");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("shown: every interleaving of 2 bots");
  });

  it("holds strategies to what they say of themselves where that is wanted", async () => {
    const names = "single-update,in-limit,skip-locked";
    const { exitCode, stderr } = await explore(names, "--as-declared", "--quiet");
    expect(exitCode, stderr).toBe(0);
    const file = userStrategy("boaster", readFileSync("sql/strategies/single-update.sql", "utf8"));
    const text = readFileSync(file, "utf8").split("-- step: claim\n").at(-1) as string;
    const boaster = userStrategy("boaster", text);
    const boasted = await explore(boaster, "--as-declared", "--quiet");
    expect(boasted.exitCode, boasted.stderr).toBe(1);
    expect(boasted.stderr).toContain("is not as declared: it says that it is safe");
  });

  it("says file and line where a strategy is wrong", async () => {
    const file = userStrategy("typo", "SELECT id AS job_id FROM jobs\nWHERE sttus = 'pending';");
    const { exitCode, stderr } = await explore(file);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(`${file}:7`);
    expect(stderr).not.toContain("    at ");
  });

  it("is inconclusive where a statement comes to no end", async () => {
    const file = userStrategy("sleeper", "SELECT id AS job_id FROM jobs, pg_sleep(60) LIMIT 1;");
    const { exitCode, stdout } = await explore(file, "--step-timeout", "500ms", "--budget", "2s");
    expect(exitCode).toBe(2);
    expect(stdout).toContain("inconclusive");
    expect(stdout).toContain("came to no end in step claim");
  });

  it.each([
    [["nobody"], /there is no strategy "nobody"/],
    [[], /no strategy is named/],
    [["naive", "--bots", "0"], /--bots: "0" is not a whole number from 1 to 8/],
    [["naive", "--budget", "soon"], /--budget/],
    [["nowhere.mjs"], /nowhere\.mjs: there is no such file/],
    [
      ["test/fixtures/queues/postgres-safe.mjs", "--as-declared"],
      /postgres-safe\.mjs: a module says nothing of itself/,
    ],
    [["naive", "--crash", "--program", "rescue"], /--program rescue: every crash is followed/],
    [["--resume", "nowhere.json"], /nowhere\.json: cannot be read/],
    [["naive", "--coverage", "nowhere", "--bots", "3"], /cannot be used with/],
  ])("refuses %j before it starts anything", async (args, message) => {
    const { exitCode, stderr } = await explore(...args);
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(message);
  });

  it("refuses to replay what is no counterexample", async () => {
    const { exitCode, stderr } = await place.run("replay", join("package.json"));
    expect(exitCode).toBe(64);
    expect(stderr).toContain("is no counterexample");
  });

  it("says which orders a run has visited", async () => {
    const scenario = join(place.path, "covered.yaml");
    const lines = [
      "name: covered",
      "description: two bots",
      "strategies: { subjects: [skip-locked-two-steps] }",
    ];
    const rest = ["jobs: { count: 40 }", "bots: { count: 2 }", "load: { kind: drain }"];
    writeFileSync(scenario, [...lines, ...rest, "repeat: 1", ""].join("\n"));
    const ran = await place.run("run", scenario, "--coverage", "--toxiproxy", "off", "--json");
    expect(ran.exitCode, ran.stderr).not.toBe(64);
    const latest = join(place.reports, "latest");
    const covered = await explore("--coverage", latest, "--json");
    expect([0, 2], covered.stderr).toContain(covered.exitCode);
    const { coverage } = JSON.parse(covered.stdout) as {
      coverage: (Coverage & { strategy: string })[];
    };
    expect(coverage).toMatchObject([{ strategy: "skip-locked-two-steps", isWhole: true }]);
    expect(coverage[0]?.pairs.looked).toBeGreaterThan(0);
    expect(coverage[0]?.visited).toBeGreaterThan(0);
    // The run itself has said so at its end, and whoever judges it again says it, too.
    const { classes, visited, possible, isWhole, pairs } = coverage[0] as Coverage;
    const { looked, certain } = pairs;
    const told = { visited, possible, isWhole, pairs: { looked, certain } };
    const { strategies } = JSON.parse(ran.stdout) as RunResult;
    expect(strategies[0]?.coverage).toEqual({ ...told, classes: classes.length });
    const judged = await place.run("check", latest, "--json");
    expect(judged.stdout).toBe(ran.stdout);
  });

  it("ends at once on Ctrl-C, and goes on from there", async () => {
    const running = place.start("explore", "skip-locked,for-update", "--out", out);
    await running.shows("exploring skip-locked");
    running.child.kill("SIGINT");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    const saved = join(out, "interrupted.json");
    expect(stderr).toContain(`doubletake explore --resume ${saved}`);
    expect(existsSync(saved)).toBe(true);
    const resumed = await explore("--resume", saved, "--json");
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    const { explorations } = JSON.parse(resumed.stdout) as { explorations: Exploration[] };
    expect(explorations.map(({ strategy, verdict }) => [strategy, verdict])).toEqual([
      ["skip-locked", "passed"],
      ["for-update", "passed"],
    ]);
    expect(readdirSync(place.temporary)).toEqual([]);
  });
});
