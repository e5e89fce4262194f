import { stripVTControlCharacters } from "node:util";

import { describe, expect, test } from "vitest";

import { coloured, paintFor, plain } from "../../src/report/terminal/paint.ts";
import { terminalSummary } from "../../src/report/terminal.ts";
import type { RunResult } from "../../src/report/result.ts";
import { expectGolden, sampleResult } from "./golden.ts";

describe("the terminal summary", () => {
  test("turns the table on its side where it is too wide", () => {
    const text = terminalSummary(sampleResult("violated"), { paint: plain, columns: 60 });
    expectGolden("violated", "summary-60-columns.txt", text);
    const table = text.split("\n\n").slice(1, 3).join("\n").split("\n");
    for (const line of table) expect(line.length).toBeLessThanOrEqual(60);
  });

  test("is the same text with colours and without", () => {
    const result = sampleResult("violated");
    const colourful = terminalSummary(result, { paint: coloured, columns: 100 });
    expect(colourful).toContain("\u001b[");
    expect(stripVTControlCharacters(colourful)).toBe(
      terminalSummary(result, { paint: plain, columns: 100 }),
    );
  });

  test("says how many samples a percentile would have needed", () => {
    const text = terminalSummary(sampleResult("violated"), { paint: plain, columns: 120 });
    expect(text).toContain("n/a (needs 368)");
  });

  test("says of a control that was not caught that it was not", () => {
    const text = terminalSummary(sampleResult("inconclusive"), { paint: plain, columns: 120 });
    expect(text).toContain("! NOT CAUGHT");
    expect(text).toContain("The run was interrupted");
  });

  test("names the folder of the reports", () => {
    const options = { paint: plain, columns: 120, folder: "reports/latest" };
    const text = terminalSummary(sampleResult("passed"), options);
    expect(text).toContain("Report  reports/latest/report.html");
  });

  test("lets no escape sequence of a strategy through", () => {
    const text = terminalSummary(renamed("\u001b[2J\u202eevil\nname"), {
      paint: plain,
      columns: 120,
    });
    expect(text).toContain("�[2J�evil name");
    expect(text).not.toContain("\u001b");
  });
});

describe("colours", () => {
  test("are for terminals that have them", () => {
    expect(paintFor(stream(true, true), {})).toBe(coloured);
    expect(paintFor(stream(true, false), {})).toBe(plain);
    expect(paintFor(stream(false, true), {})).toBe(plain);
  });

  test("are refused and asked for by the environment", () => {
    expect(paintFor(stream(true, true), { NO_COLOR: "1" })).toBe(plain);
    expect(paintFor(stream(true, true), { NO_COLOR: "" })).toBe(coloured);
    expect(paintFor(stream(false, false), { FORCE_COLOR: "1" })).toBe(coloured);
    expect(paintFor(stream(true, true), { FORCE_COLOR: "0" })).toBe(plain);
    expect(paintFor(stream(false, false), { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(coloured);
  });
});

function stream(isTTY: boolean, colours: boolean): NodeJS.WriteStream {
  return { isTTY, hasColors: () => colours } as unknown as NodeJS.WriteStream;
}

function renamed(name: string): RunResult {
  const result = sampleResult("passed");
  const [first, ...rest] = result.strategies;
  return { ...result, strategies: [{ ...first!, name }, ...rest] };
}
