import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Workplace } from "./command.ts";

const scenario = (changes: string): string => `name: bad
description: Is bad input told apart?
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 10, work: 1ms }
bots: { count: 2 }
${changes}
`;
const drain = "load: { kind: drain }";

/** What a user may get wrong, the exit code, and what the message must hold: where, what and how to fix it. */
const mistakes: readonly [what: string, yaml: string, exitCode: number, message: RegExp][] = [
  [
    "an unknown key",
    scenario(`${drain}\nrepaet: 3`),
    64,
    /bad\.yaml:7:1: unknown key "repaet"[\s\S]*repeat/,
  ],
  ["a missing unit", scenario(drain).replace("1ms", "1"), 64, /bad\.yaml:4:\d+:[\s\S]*unit/],
  [
    "an unknown strategy",
    scenario(drain).replace("skip-locked", "skip-lokced"),
    64,
    /skip-lokced[\s\S]*skip-locked/,
  ],
  [
    "an unknown fault",
    scenario(`${drain}\nfaults: [{ fault: gremlin }]`),
    64,
    /bad\.yaml:7:\d+:[\s\S]*gremlin[\s\S]*toxic/,
  ],
  [
    "a load that does not exist",
    scenario("load: { kind: stampede }"),
    64,
    /bad\.yaml:6:\d+:[\s\S]*drain/,
  ],
  ["a file that is no YAML", "name: [", 64, /bad\.yaml:\d+:\d+:/],
];

describe("bad input", () => {
  it.each(mistakes)("%s", async (_what, yaml, exitCode, message) => {
    using place = new Workplace();
    const file = join(place.path, "bad.yaml");
    writeFileSync(file, yaml);
    const result = await place.run("run", file);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/^\s+at .*\.js:/m);
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout: "" });
    expect(place.leftovers()).toEqual([]);
  });

  it("a step that binds a name nobody provides is found before a bot runs", async () => {
    using place = new Workplace();
    const file = join(place.path, "mine.sql");
    writeFileSync(
      file,
      `-- strategy: mine
-- summary: binds what nobody provides
-- transaction: none
-- verdict: safe
-- step: find
SELECT id AS job_id FROM jobs LIMIT 1;
-- step: mark
UPDATE jobs SET status = 'claimed' WHERE id = :jobid;
`,
    );
    const result = await place.run("run", "scenarios/simple-race.yaml", "--strategy", file);
    expect(result.exitCode).toBe(64);
    expect(result.stderr).toMatch(
      /mine\.sql:8: step "mark" binds :jobid, which nobody provides[\s\S]*:job_id/,
    );
    expect(place.leftovers()).toEqual([]);
  });

  it.each([
    ["a scenario that does not exist", ["run", "nowhere.yaml"], 64, /nowhere\.yaml[\s\S]*ENOENT/],
    [
      "a flag that does not exist",
      ["run", "scenarios/simple-race.yaml", "--sead", "1"],
      64,
      /unknown option '--sead'/,
    ],
    ["a command that does not exist", ["rnu"], 64, /unknown command 'rnu'/],
    [
      "a seed that is no number",
      ["run", "scenarios/simple-race.yaml", "--seed", "x"],
      64,
      /--seed: "x" is not a whole number/,
    ],
    ["a history that does not exist", ["check", "nowhere"], 64, /nowhere/],
    ["a run folder that does not exist", ["report", "nowhere"], 64, /nowhere/],
    [
      "a database that does not answer",
      [
        "run",
        "scenarios/simple-race.yaml",
        "--postgres",
        "postgres://someone:s3cret@127.0.0.1:1/db",
      ],
      69,
      /127\.0\.0\.1:1/,
    ],
    [
      "a proxy that does not answer",
      ["run", "scenarios/simple-race.yaml", "--toxiproxy", "http://127.0.0.1:1"],
      69,
      /127\.0\.0\.1:1/,
    ],
    [
      "a folder that cannot be written",
      ["run", "scenarios/simple-race.yaml", "--out", "/proc/reports"],
      69,
      /\/proc\/reports[\s\S]*--out/,
    ],
  ] as const)("%s", async (_what, args, exitCode, message) => {
    using place = new Workplace();
    const result = await place.run(...args);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain("s3cret");
    expect(result.exitCode).toBe(exitCode);
    expect(place.leftovers()).toEqual([]);
  });
});
