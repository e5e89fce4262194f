import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/base/package-root.ts";
import { Workplace } from "../end-to-end/command.ts";

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}

const folder = join(packageRoot, ".github/workflows");
const workflows = readdirSync(folder).map((file) => ({
  file,
  workflow: parse(readFileSync(join(folder, file), "utf8")) as Workflow,
}));
const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

describe("the workflows for GitHub", () => {
  it("run commands that there are", () => {
    const runs = workflows.flatMap(({ workflow }) =>
      Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
    );
    const names = runs
      .flatMap((run) => [...run.matchAll(/npm (?:run )?([a-z:]+)/g)])
      .map(([, name]) => name ?? "");
    expect(names).toEqual(expect.arrayContaining(["ci", "start", "test", "nightly", "lint"]));
    expect(names.filter((name) => name !== "ci" && scripts[name] === undefined)).toEqual([]);
  });

  it("run the nights on every PostgreSQL that is maintained", () => {
    const nightly = workflows.find(({ file }) => file === "nightly.yml")?.workflow;
    expect(nightly?.jobs["scenarios"]?.strategy?.matrix["postgres"]).toEqual([14, 15, 16, 17, 18]);
  });
});

describe(".ci", () => {
  it.each(["run", "nightly"])("%s is a script that bash can read", (name) => {
    expect(() => execFileSync("bash", ["-n", join(packageRoot, ".ci", name)])).not.toThrow();
  });
});

/** One night on a folder of scenarios; returns its exit code and what it printed. */
function night(place: Workplace, scenarios: string): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(join(packageRoot, ".ci/nightly"), [scenarios], {
    cwd: packageRoot,
    encoding: "utf8",
    env: {
      ...process.env,
      NIGHTLY_OUT: join(place.path, "nights"),
      NIGHTLY_EXPLORE: "off",
      TMPDIR: place.temporary,
    },
  });
  return { status, text: stdout + stderr };
}

describe("a night", () => {
  it("that is green is what the next one is held against", { timeout: 180_000 }, () => {
    using place = new Workplace();
    const scenarios = join(place.path, "questions");
    mkdirSync(scenarios);
    const scenario = (subject: string): string => `name: small
tags: [nightly]
strategies: { subjects: [${subject}], controls: [naive] }
constraints: none
jobs: { count: 10 }
bots: { count: 8 }
load: { kind: rounds, waves: 2 }
`;
    writeFileSync(join(scenarios, "small.yaml"), scenario("skip-locked"));
    const first = night(place, scenarios);
    expect(first).toMatchObject({ status: 0, text: expect.stringContaining("no green night") });
    const green = readlinkSync(join(place.path, "nights/green"));
    expect(existsSync(join(place.path, "nights", green, "index.html"))).toBe(true);

    // The same scenario with a claim that gives jobs to several bots: the night is not green, and says what is worse.
    writeFileSync(join(scenarios, "small.yaml"), scenario("naive-transaction"));
    const second = night(place, scenarios);
    expect(second.status).toBe(1);
    expect(second.text).toContain("against the last green night");
    expect(readlinkSync(join(place.path, "nights/green"))).toBe(green);
    expect(existsSync(join(place.path, "nights/trend.html"))).toBe(true);
  });
});
