import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { HarnessError } from "../../src/base/harness-error.ts";
import { reportCommand } from "../../src/cli/report.ts";
import { readResult } from "../../src/report/read.ts";
import { writeReports } from "../../src/report/write.ts";
import { eventLine } from "../../src/history/event-line.ts";
import { sampleResult } from "./golden.ts";
import { sampleHistory } from "./sample-history.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-reports-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const files = ["junit.xml", "report.html", "result.json", "summary.md", "summary.txt"];

describe("the reports of a run", () => {
  test("are one file a format, and read back as the same result", async () => {
    const result = sampleResult("violated");
    const written = await writeReports(join(folder, "run"), result);
    expect(written.map((path) => path.slice(folder.length + 5)).toSorted()).toEqual(files);
    expect(await readResult(join(folder, "run"))).toEqual(result);
    expect(await readResult(join(folder, "run", "result.json"))).toEqual(result);
  });

  test("that cannot be written are one clear message", async () => {
    writeFileSync(join(folder, "taken"), "");
    const writing = writeReports(join(folder, "taken", "run"), sampleResult("passed"));
    await expect(writing).rejects.toThrow(/the reports cannot be written \(ENOTDIR\)/);
    await expect(writing).rejects.toBeInstanceOf(HarnessError);
  });
});

describe("a result that cannot be read", () => {
  const problems = [
    { name: "is not there", text: undefined, message: /no result can be read \(ENOENT\)/ },
    { name: "is not JSON", text: "{", message: /it is not JSON/ },
    {
      name: "is another's",
      text: '{"schema": 2}',
      message: /it is no result of this doubletake: schema/,
    },
    { name: "is a list", text: "[]", message: /it is no result of this doubletake/ },
  ];

  test.each(problems)("because it $name is one clear message", async ({ text, message }) => {
    if (text !== undefined) writeFileSync(join(folder, "result.json"), text);
    const error: unknown = await readResult(
      text === undefined ? join(folder, "none") : folder,
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HarnessError);
    expect(error).toMatchObject({
      kind: "usage",
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("doubletake report", () => {
  function captured(): { text: string } {
    const output = { text: "" };
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      output.text += String(chunk);
      return true;
    });
    return output;
  }

  const report = (...args: readonly string[]) =>
    reportCommand().parseAsync(["node", "doubletake", ...args]);

  beforeEach(async () => {
    await writeReports(folder, sampleResult("violated"));
    for (const file of files.filter((name) => name !== "result.json")) rmSync(join(folder, file));
  });

  test("writes the files again and prints the summary", async () => {
    const output = captured();
    await report(folder);
    expect(readdirSync(folder).toSorted()).toEqual(files);
    expect(output.text).toContain("VIOLATED");
    expect(output.text).toContain(`${folder}/report.html`);
  });

  test("prints one format and writes nothing", async () => {
    const output = captured();
    await report(folder, "--format", "markdown");
    expect(output.text).toMatch(/^## ✗ intensive-race: VIOLATED/);
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  test("prints exactly result.json", async () => {
    const output = captured();
    await report(folder, "--json");
    expect(output.text).toBe(readFileSync(join(folder, "result.json"), "utf8"));
  });

  test("reads a result.json that lies alone", async () => {
    const output = captured();
    await report(join(folder, "result.json"));
    expect(output.text).toContain("advisory-lock");
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  test("writes several formats where it is told to, and all of them", async () => {
    captured();
    const out = join(folder, "out");
    await report(folder, "--format", "junit,benchstat", "--out", out);
    expect(readdirSync(out).toSorted()).toEqual(["benchmark.txt", "junit.xml"]);
    const { header, events } = sampleHistory();
    const lines = Array.from({ length: events.length }, (_, index) => eventLine(events, index));
    writeFileSync(
      join(folder, "history.ndjson"),
      [JSON.stringify(header), ...lines, ""].join("\n"),
    );
    const all = join(folder, "all");
    await report(folder, "--format", "all", "--out", all);
    expect(readdirSync(all)).toEqual(
      expect.arrayContaining([...files, "benchmark.txt", "history.edn", "metrics.prom"]),
    );
    expect(readdirSync(all).some((name) => name.startsWith("pgbench_log."))).toBe(true);
    expect(readdirSync(all).some((name) => name.endsWith(".hgrm"))).toBe(true);
  });

  test.each([
    { args: ["--format", "pdf"], message: /"pdf" is not a format/ },
    { args: ["--format", "edn"], message: /history.ndjson|can be read/ },
  ])("says what is wrong with $args", async ({ args, message }) => {
    captured();
    await expect(report(folder, ...args)).rejects.toThrow(message);
    await expect(report(folder, ...args)).rejects.toBeInstanceOf(HarnessError);
  });

  test("says that a result.json alone has no operations, and several formats no folder", async () => {
    captured();
    const file = join(folder, "result.json");
    await expect(report(file, "--format", "edn")).rejects.toThrow(/a line for each operation/);
    await expect(report(file, "--format", "junit,html")).rejects.toThrow(/no folder to go to/);
  });
});
