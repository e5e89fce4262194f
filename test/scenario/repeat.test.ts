import { expect, it } from "vitest";
import { withOverrides } from "../../src/scenario/overrides.ts";
import { scenarioWith } from "./example.ts";

const two = "strategies: { subjects: [skip-locked], controls: [naive] }";

it("a number is a number of rounds, two numbers are where the run may end and where it must", () => {
  expect(scenarioWith(two, "repeat: 6")).toMatchObject({ repeat: 6 });
  expect(scenarioWith(two, "repeat: 6")).not.toHaveProperty("leastRepeat");
  expect(scenarioWith(two, "repeat: { min: 6, max: 24 }")).toMatchObject({
    repeat: 24,
    leastRepeat: 6,
  });
});

it("--rounds fixes the number", () => {
  const scenario = scenarioWith(two, "repeat: { min: 6, max: 24 }");
  const fixed = withOverrides(scenario, { repeat: 3 });
  expect(fixed.repeat).toBe(3);
  expect(fixed).not.toHaveProperty("leastRepeat");
  expect(withOverrides(scenario, { seed: 1 })).toMatchObject({ repeat: 24, leastRepeat: 6 });
});

it.each([
  ["repeat: { min: 6, max: 6 }", "min is not below max"],
  ["repeat: { min: 2, max: 1000 }", "min and max lie too far apart"],
  ["repeat: { min: 1, max: 6 }", "must be at least 2"],
  ["repeat: many", "not a number of rounds"],
])("%s is refused", (line, what) => {
  expect(() => scenarioWith(two, line)).toThrow(what);
});

it("nothing to compare with is nothing to decide", () => {
  expect(() => scenarioWith("repeat: { min: 6, max: 24 }")).toThrow("no control to compare with");
});
