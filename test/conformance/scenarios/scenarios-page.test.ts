import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/base/package-root.ts";
import {
  measuredSeconds,
  scenarioDetail,
  shippedScenarios,
} from "../../../src/cli/shipped-scenarios.ts";
import { families } from "./families.ts";
import { familyOf, scenariosPage } from "./scenarios-page.ts";

const scenarios = shippedScenarios();
const names = scenarios.map(({ name }) => name);
const nightly = scenarios.filter(({ tags }) => tags.includes("nightly"));

/** `npx vitest run test/conformance/scenarios -u` writes it anew. */
it("docs/scenarios.md says what the files say", async () => {
  const page = scenariosPage();
  for (const name of names) expect(page).toContain(`| [${name}](`);
  await expect(page).toMatchFileSnapshot(join(packageRoot, "docs/scenarios.md"));
});

describe("the scenarios that come with doubletake", () => {
  it.each(scenarios)("$name is named after its file, asks a question and has a family", (each) => {
    expect(each.file).toBe(`scenarios/${each.name}.yaml`);
    expect(each.summary).toMatch(/\?$/);
    expect(familyOf(each)).toBeDefined();
  });

  it("cover every family, and enough of them are for the night", () => {
    expect(new Set(scenarios.map(familyOf))).toEqual(new Set(Object.keys(families)));
    expect(nightly.length).toBeGreaterThanOrEqual(25);
  });

  it("those of the night have a control, or say in numbers what they expect", () => {
    const bare = nightly.filter(({ controls }) => controls.length === 0).map(({ name }) => name);
    expect(bare).toEqual(["heartbeat-keeps-lease", "priorities-and-types"]);
  });

  it("those of the night were timed, and nothing that is not there", () => {
    const timed = Object.keys(measuredSeconds());
    expect(names).toEqual(expect.arrayContaining(timed));
    expect(timed).toEqual(expect.arrayContaining(nightly.map(({ name }) => name)));
  });

  /** What was measured when the file was written; nothing is timed here. */
  it("take less than half a minute each", () => {
    const slow = Object.entries(measuredSeconds()).filter(([, seconds]) => seconds >= 30);
    expect(slow).toEqual([]);
  });

  it("are listed with what is broken, what the control must fail, and how long it takes", () => {
    const known = scenarios.find(({ name }) => name === "stale-statistics");
    expect(known && scenarioDetail({ ...known, seconds: 4 })).toBe(
      "stale-statistics · in-limit must fail no-over-claim · about 4 s · nightly, planner",
    );
  });
});
