import { describe, expect, test } from "vitest";

import { formats } from "../../src/report/formats.ts";
import { expectGolden, sampleResult, samples } from "./golden.ts";

describe.each(samples)("the sample run %s", (sample) => {
  test.each(Object.values(formats))("as $name is what was committed", (format) => {
    const files = Object.entries(format.render(sampleResult(sample)));
    expect(files.length).toBeGreaterThan(0);
    for (const [file, content] of files) expectGolden(sample, file, content);
  });
});

test("a format is found by its own name", () => {
  for (const [name, format] of Object.entries(formats)) expect(format.name).toBe(name);
});
