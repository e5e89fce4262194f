import { describe, expect, test } from "vitest";

import { junit } from "../../src/report/junit.ts";
import { casesOf } from "../../src/report/junit/test-case.ts";
import { xmlText } from "../../src/report/junit/xml.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";
import { attack, poisoned } from "./poisoned.ts";

const kindsOf = (result: RunResult) => casesOf(result).map(({ outcome }) => outcome.kind);
const isGreen = (result: RunResult) =>
  !kindsOf(result).some((kind) => kind === "failure" || kind === "error");

describe("junit.xml", () => {
  test.each(samples)("of the sample %s is green exactly where the run exits with 0", (sample) => {
    const result = sampleResult(sample);
    expect(isGreen(result)).toBe(result.exitCode === 0);
  });

  test("has a case for each check of a subject, one for the control, one an expectation", () => {
    const result = sampleResult("passed");
    const [subject, control] = result.strategies;
    const names = casesOf(result).map(({ name }) => name);
    for (const { name } of subject?.checks ?? []) expect(names).toContain(name);
    expect(names.filter((name) => name === "the control is caught")).toHaveLength(1);
    expect(control?.role).toBe("control");
    for (const { text } of result.expectations) expect(names).toContain(text);
  });

  test("tells a violation, what nobody can tell, and what was not judged apart", () => {
    const result = sampleResult("passed");
    const [subject, ...others] = result.strategies;
    const [first, second] = subject!.checks;
    const checks = [
      { ...first!, verdict: "violated" as const, count: 2 },
      { ...second!, verdict: "inconclusive" as const },
    ];
    const notJudged = [{ name: "rescued-in-time", reason: "nothing is rescued" }];
    const changed = { ...result, strategies: [{ ...subject!, checks, notJudged }, ...others] };
    expect(kindsOf(changed).slice(0, 3)).toEqual(["failure", "error", "skipped"]);
  });

  test("has an error for a control that was not caught, and for a run that was interrupted", () => {
    const result = sampleResult("inconclusive");
    const errors = casesOf(result).flatMap(({ name, outcome }) =>
      outcome.kind === "error" ? [`${name}: ${outcome.type}`] : [],
    );
    expect(errors).toContain("the control is caught: Inconclusive");
    expect(errors).toContain("the run came to its end: Interrupted");
  });

  test("counts what it lists", () => {
    const text = junit.render(sampleResult("violated"))["junit.xml"] ?? "";
    const said = (what: string) => Number(new RegExp(`${what}="(\\d+)"`).exec(text)?.[1]);
    const listed = (element: string) => text.split(`<${element} `).length - 1;
    expect(said("tests")).toBe(listed("testcase"));
    expect(said("failures")).toBe(listed("failure"));
    expect(said("errors")).toBe(listed("error"));
    expect(said("skipped")).toBe(listed("skipped"));
  });

  test("carries any text, and no element of it", () => {
    const text = junit.render(poisoned(sampleResult("violated")))["junit.xml"] ?? "";
    expect(text).not.toContain("<script>");
    expect(text).toContain(xmlText(attack));
    expect(xmlText("a\u0000b\u000b\ud800\n<")).toBe("a�b��&#10;&lt;");
  });
});
