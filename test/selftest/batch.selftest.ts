import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { batchSchema } from "../../src/report/batch.ts";
import type { Batch } from "../../src/report/batch.ts";
import { Workplace } from "../end-to-end/command.ts";

/** A folder of small scenarios, by name, with the lines that make each of them another. */
function scenarioFolder(place: Workplace, scenarios: Readonly<Record<string, string>>): string {
  const folder = join(place.path, "questions");
  mkdirSync(folder);
  for (const [name, lines] of Object.entries(scenarios)) {
    const text = `name: ${name}
strategies: { subjects: [skip-locked], controls: [naive] }
jobs: { count: 10 }
bots: { count: 8 }
load: { kind: rounds, waves: 2 }
${lines}
`;
    writeFileSync(join(folder, `${name}.yaml`), text);
  }
  return folder;
}

function indexOf(place: Workplace): Batch {
  const text = readFileSync(join(place.reports, "index.json"), "utf8");
  return batchSchema.parse(JSON.parse(text));
}

describe("a folder of scenarios", () => {
  it("is run by tag, in the order of its names, and gets one index", async () => {
    using place = new Workplace();
    const folder = scenarioFolder(place, {
      second: "tags: [nightly]\nexpect: [skip-locked.claimsPerSecond > 1000000]",
      first: "tags: [nightly, quick]",
      other: "tags: [weekly]",
    });
    const run = await place.run("run", folder, "--tag", "nightly", "--toxiproxy", "off");
    const index = indexOf(place);
    expect(index.runs.map(({ scenario }) => scenario)).toEqual(["first", "second"]);
    expect(index.runs[0]).toMatchObject({ outcome: "passed", exitCode: 0 });
    expect(index.runs[1]).toMatchObject({ outcome: "missed", exitCode: 3 });
    expect(run).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining("1 expectation missed"),
    });
    const page = readFileSync(join(place.reports, "index.html"), "utf8");
    expect(readdirSync(place.reports)).toContain(index.runs[0]?.folder);
    expect(page).toContain(`${index.runs[0]?.folder}/report.html`);
  });

  it("does not fail for what cannot be run, where that is allowed, but for nothing at all", async () => {
    using place = new Workplace();
    const folder = scenarioFolder(place, { fine: "", cannot: "requires: [postgres-cut]" });
    const options = ["--toxiproxy", "off", "--allow-skips"];
    expect(await place.run("run", folder, ...options)).toMatchObject({ exitCode: 0 });
    expect(indexOf(place).runs[0]).toMatchObject({
      scenario: "cannot",
      outcome: "skipped",
      headline: expect.stringContaining("postgres-cut"),
      folder: null,
    });
    const nothing = join(folder, "cannot.yaml");
    expect(await place.run("run", nothing, ...options)).toMatchObject({ exitCode: 2 });
  });

  it.each([
    [
      "a tag that nobody has",
      ["scenarios", "--tag", "no-such"],
      "no scenario here is tagged no-such",
    ],
    ["a folder without scenarios", ["docs"], "there is no scenario in this folder"],
  ])("%s is bad usage", async (_what, args, message) => {
    using place = new Workplace();
    const { exitCode, stderr } = await place.run("run", ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(64);
  });
});
