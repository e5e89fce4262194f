import { expect, test } from "vitest";

import { resultJson } from "../../src/report/json.ts";
import { sampleResult } from "./golden.ts";

test("the JSON reads back as the same result", () => {
  const result = sampleResult("violated");
  expect(JSON.parse(resultJson(result))).toEqual(result);
});

test("a list of numbers takes one line", () => {
  const longest = resultJson(sampleResult("passed")).split("\n");
  expect(longest.some((line) => /^\s*"claims": \[\d+(,\d+)+\],$/.test(line))).toBe(true);
});

test("a result that breaks its schema is a defect, and no file", () => {
  const broken = { ...sampleResult("passed"), verdict: "fine" };
  expect(() => resultJson(broken)).toThrow(/keeps its schema/);
});
