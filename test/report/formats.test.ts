import { describe, expect, test } from "vitest";

import { defaultFormats, formats } from "../../src/report/formats.ts";
import type { FormattedHistory } from "../../src/report/format.ts";
import { sampleHistory } from "./sample-history.ts";
import { expectGolden, sampleResult, samples } from "./golden.ts";

const ofResults = Object.values(formats).filter((format) => format.kind === "result");
const ofHistories = Object.values(formats).filter((format) => format.kind === "history");

describe.each(samples)("the sample run %s", (sample) => {
  test.each(ofResults)("as $name is what was committed", (format) => {
    const files = Object.entries(format.render(sampleResult(sample)));
    expect(files.length).toBeGreaterThan(0);
    for (const [file, content] of files) expectGolden(sample, file, content);
  });
});

test.each(ofHistories)("a history as $name is what was committed", (format) => {
  const files = Object.entries(format.render(sampleHistory() satisfies FormattedHistory));
  expect(files.length).toBeGreaterThan(0);
  for (const [file, pieces] of files) expectGolden("history", file, [...pieces].join(""));
});

test("a format is found by its own name", () => {
  for (const [name, format] of Object.entries(formats)) expect(format.name).toBe(name);
});

test("a run leaves few files by itself", () => {
  expect(defaultFormats.map(({ name }) => name)).toEqual([
    "json",
    "terminal",
    "markdown",
    "html",
    "junit",
  ]);
});
