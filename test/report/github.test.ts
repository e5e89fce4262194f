import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { tellGitHub } from "../../src/cli/github.ts";
import { annotationLine, annotationsOf } from "../../src/report/github/annotations.ts";
import { markdown } from "../../src/report/markdown.ts";
import { sampleResult } from "./golden.ts";

const scenario = `name: mine
description: is advisory-lock safe?
strategies:
  subjects: [advisory-lock]
  controls: [naive]
`;

describe("annotations", () => {
  test("of a run that passed are none", () => {
    expect(annotationsOf(sampleResult("passed"), scenario)).toEqual([]);
  });

  test("point at the line of the scenario that names the strategy", () => {
    const [first] = annotationsOf(sampleResult("violated"), scenario);
    expect(first).toMatchObject({ line: 4, title: expect.stringMatching(/violated$/) as string });
    expect(annotationsOf(sampleResult("violated"), undefined)[0]?.line).toBe(1);
  });

  test("point at the line of a missed expectation", () => {
    const result = sampleResult("passed");
    const missed = { text: "a < 1", verdict: "violated", actual: "2", line: 9 } as const;
    expect(annotationsOf({ ...result, expectations: [missed] }, scenario)).toEqual([
      { title: "expectation missed", message: "a < 1: 2", line: 9 },
    ]);
  });

  test("are ten at most, and the last says how many more there are", () => {
    const result = sampleResult("violated");
    const [subject, ...others] = result.strategies;
    const broken = subject!.checks.find(({ verdict }) => verdict === "violated")!;
    const checks = Array.from({ length: 25 }, () => broken);
    const all = annotationsOf(
      { ...result, strategies: [{ ...subject!, checks }, ...others], expectations: [] },
      scenario,
    );
    expect(all).toHaveLength(10);
    expect(all.at(-1)?.message).toMatch(/^16 more findings/);
  });

  test("carry any text, and no command of it", () => {
    const line = annotationLine("a,b.yaml", {
      title: "x: y",
      message: "100 %\n::error::z",
      line: 3,
    });
    expect(line).toBe("::error file=a%2Cb.yaml,line=3,title=x%3A y::100 %25%0A::error::z");
    expect(line).not.toContain("\n");
  });
});

describe("in a workflow", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "doubletake-github-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function told(environment: NodeJS.ProcessEnv, writesAnswer = true): string {
    let text = "";
    const write = (more: string): void => void (text += more);
    tellGitHub(sampleResult("violated"), { environment, writesAnswer, write });
    return text;
  }

  test("annotations go to stdout, and the summary to the page of the job", () => {
    const summary = join(folder, "summary.md");
    const environment = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
    expect(told(environment)).toMatch(/^::error file=/);
    expect(told(environment, false)).toBe("");
    const text = markdown.render(sampleResult("violated"))["summary.md"] ?? "";
    expect(readFileSync(summary, "utf8")).toBe(`${text}\n${text}\n`);
  });

  test("a summary that does not fit any more is cut to its headline, and then left out", () => {
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "x".repeat(1_048_576 - 500));
    told({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });
    told({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });
    const text = readFileSync(summary, "utf8").slice(1_048_576 - 500);
    expect(text.match(/^x*## /gm)).toHaveLength(1);
    expect(text).not.toContain("| strategy |");
    expect(Buffer.byteLength(readFileSync(summary))).toBeLessThan(1_048_576);
  });

  test("is all there is: elsewhere nothing is told", () => {
    expect(told({})).toBe("");
  });
});

test("summary.md stays under 1 MiB, and says what it left out", () => {
  const result = sampleResult("violated");
  const [subject, ...others] = result.strategies;
  const warnings = ["w".repeat(2_000_000)];
  const text = markdown.render({ ...result, strategies: [subject!, ...others], warnings });
  const page = text["summary.md"] ?? "";
  expect(Buffer.byteLength(page)).toBeLessThan(1_048_576);
  expect(page).toContain("One section is left out");
  expect(page).toContain("VIOLATED");
});
