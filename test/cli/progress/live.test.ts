import { stripVTControlCharacters } from "node:util";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { LatencyBuckets } from "../../../src/report/live/latency-buckets.ts";
import { LiveBlock } from "../../../src/cli/progress/live-block.ts";
import { canRedraw } from "../../../src/cli/progress/open-progress.ts";
import { PlainLines } from "../../../src/cli/progress/plain-lines.ts";
import { RoundMeter } from "../../../src/report/live/round-meter.ts";
import { progressBar, statusLines } from "../../../src/cli/progress/status-lines.ts";
import type { Recorder } from "../../../src/history/recorder.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { plain } from "../../../src/report/terminal/paint.ts";
import { HistoryBuilder } from "../../histories/builder.ts";

/** A round that goes on: the control of a run of two. */
function begun(role: "subject" | "control" = "control") {
  const history = new HistoryBuilder({
    strategy: "naive",
    role,
    jobs: 4,
    faults: [{ kind: "disconnect" }],
  });
  const { plan } = history.begin().header();
  const [round] = plan.rounds;
  const recorder = { table: history.events } as unknown as Recorder;
  return { history, plan, round: round!, recorder };
}

function screen(columns: number | undefined) {
  const chunks: string[] = [];
  return { chunks, columns, write: (text: string) => chunks.push(text) };
}

/** What a terminal shows after these writes, as a list of lines; it knows the sequences that a block uses. */
function shownBy(chunks: readonly string[]): readonly string[] {
  const lines = [""];
  for (const chunk of chunks) {
    const [before = "", ...rest] = chunk.split(/\r.\[/u);
    write(lines, before);
    for (const part of rest) {
      const up = Number.parseInt(part, 10);
      lines.splice(lines.length - 1 - up, up + 1, "");
      write(lines, part.slice(part.indexOf("[0J") + 3));
    }
  }
  return lines;
}

function write(lines: string[], text: string): void {
  const [first = "", ...others] = text.split("\n");
  lines[lines.length - 1] += first;
  lines.push(...others);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the live block", () => {
  test("is redrawn at most ten times a second, in its place, and erased at the end", () => {
    const { history, plan, round, recorder } = begun();
    const terminal = screen(100);
    const block = new LiveBlock(plan, terminal, plain);
    block.message("this stays");
    block.roundStarted(round, 2, recorder);
    block.phaseStarted("load");
    history.phase("load", "begin").fault("disconnect-1", "injected");
    for (let job = 1; job <= 3; job++) history.granted(1, job).completed(1, job);
    const before = terminal.chunks.length;
    vi.advanceTimersByTime(1000);
    expect(terminal.chunks.length - before).toBeGreaterThan(2);
    expect(terminal.chunks.length - before).toBeLessThanOrEqual(10);
    const lines = shownBy(terminal.chunks);
    expect(lines[0]).toBe("this stays");
    expect(lines.filter((line) => line.includes("3 granted, 0 lost"))).toHaveLength(1);
    expect(lines.join("\n")).toMatch(/round 1\/2 naive · load/);
    expect(lines.join("\n")).toMatch(/faults: disconnect-1 on, injected 1, hit 0/);
    block[Symbol.dispose]();
    expect(shownBy(terminal.chunks)).toEqual(["this stays", ""]);
    vi.advanceTimersByTime(1000);
    expect(shownBy(terminal.chunks)).toEqual(["this stays", ""]);
  });

  test.each([
    { role: "subject" as const, line: /^VIOLATION: job 2 was granted to bot 1 and to bot 3/ },
    { role: "control" as const, line: /^caught the control: job 2 was granted to bot 1/ },
  ])("writes the first violation of a $role above it at once, and once", ({ role, line }) => {
    const { history, plan, round, recorder } = begun(role);
    const terminal = screen(100);
    using block = new LiveBlock(plan, terminal, plain);
    block.roundStarted(round, 2, recorder);
    block.phaseStarted("load");
    history.phase("load", "begin").granted(1, 2);
    vi.advanceTimersByTime(100);
    expect(shownBy(terminal.chunks).join("\n")).not.toMatch(/granted to bot/);
    history.granted(3, 2).granted(4, 2);
    vi.advanceTimersByTime(100);
    history.granted(5, 2);
    vi.advanceTimersByTime(500);
    const lines = shownBy(terminal.chunks);
    expect(lines.filter((each) => line.test(each))).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(lines.join("\n")).toMatch(/violations so far: naive.* 3/);
  });

  test.each([20, 34, 60, 120])("is no wider than %d columns", (columns) => {
    const { history, plan, round, recorder } = begun();
    const terminal = screen(columns);
    using block = new LiveBlock(plan, terminal, plain);
    block.roundStarted({ ...round, strategy: "a-strategy-with-quite-a-long-name" }, 2, recorder);
    block.phaseStarted("load");
    history.phase("load", "begin").fault("disconnect-1", "injected").granted(1, 1).granted(2, 1);
    vi.advanceTimersByTime(300);
    const block1 = terminal.chunks.at(-1) ?? "";
    for (const line of stripVTControlCharacters(block1).split("\n")) {
      expect(Array.from(line).length).toBeLessThan(columns);
    }
  });

  test("takes a terminal that does not tell its width for a usual one", () => {
    const { plan } = begun();
    for (const columns of [undefined, 0]) {
      const terminal = screen(columns);
      using _block = new LiveBlock(plan, terminal, plain);
      vi.advanceTimersByTime(100);
      expect(terminal.chunks.join("")).toContain("starting PostgreSQL and the proxy");
    }
  });
});

describe("plain lines", () => {
  test("are one a round, one a phase, one every 5 s, and the first violation", () => {
    const { history, plan, round, recorder } = begun("subject");
    const lines: string[] = [];
    using progress = new PlainLines(plan, (line) => lines.push(line));
    progress.roundStarted(round, 2, recorder);
    progress.phaseStarted("load");
    history.phase("load", "begin").granted(1, 1).granted(2, 1);
    vi.advanceTimersByTime(1_000);
    expect(lines).toEqual([
      "round 1 of 2: naive (subject)",
      "  load",
      expect.stringMatching(/^VIOLATION: job 1 was granted to bot 1 and to bot 2/) as string,
    ]);
    vi.advanceTimersByTime(10_000);
    expect(lines.slice(3)).toHaveLength(2);
    expect(lines.at(-1)).toMatch(/^ {2}load: 2 granted, 0 lost .* violations so far: naive 1$/);
    expect(lines.join("")).not.toContain("\u001B");
  });
});

describe("what a round's meter reads", () => {
  test("is counted from the events, each once", () => {
    const { history } = begun();
    const meter = new RoundMeter(history.events);
    history.phase("load", "begin").granted(1, 1).completed(1, 1);
    history.does(2, "claim", "failed", { code: "40001" });
    history.fault("disconnect-1", "injected").fault("disconnect-1", "hit");
    history.fault("disconnect-1", "healed");
    meter.read();
    const readings = meter.read();
    expect(readings).toMatchObject({ granted: 1, lost: 1, completed: 1, doubleGrants: 0 });
    expect(readings.faults).toEqual([
      { fault: "disconnect-1", injected: 1, hit: 1, stands: false },
    ]);
    expect(readings.p50Ms).toBeCloseTo(1, 0);
  });

  test("has a rate of the last second, not of the whole round", () => {
    const { history } = begun();
    const meter = new RoundMeter(history.events);
    history.phase("load", "begin");
    for (let job = 1; job <= 100; job++) history.granted(1, job);
    meter.read();
    history.at(10_000).granted(1, 101);
    meter.read();
    history.at(10_500).granted(1, 102);
    expect(meter.read().claimsPerSecond).toBeLessThan(12);
  });
});

test("latencies are told within 5 % by buckets", () => {
  const latencies = new LatencyBuckets();
  for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
  for (const q of [0.5, 0.9, 0.99]) {
    expect(Math.abs((latencies.quantile(q) ?? 0) / (1000 * q) - 1)).toBeLessThan(0.06);
  }
  expect(new LatencyBuckets().quantile(0.5)).toBeNull();
});

test("a bar has its width, from nothing to everything", () => {
  expect(progressBar(0, 10)).toBe("░░░░░░░░░░   0 %");
  expect(progressBar(0.5, 10)).toBe("█████░░░░░  50 %");
  expect(progressBar(1, 10)).toBe("██████████ 100 %");
});

test("a strategy's name cannot move the cursor", () => {
  const { plan, round } = begun();
  const state = {
    round: { ...round, strategy: "\u001B[2Jx" },
    rounds: plan.rounds.length,
    phase: undefined,
    phaseMs: 0,
    done: 0,
    readings: undefined,
    doubleGrants: [{ round: { ...round, strategy: "\u001B[2Jx" }, count: 1 }],
  };
  expect(statusLines(state, 80, plain).join("")).not.toContain("\u001B");
});

describe("a block is drawn", () => {
  test.each([
    { isTTY: true, environment: { TERM: "xterm" }, drawn: true },
    { isTTY: true, environment: { TERM: "xterm", NO_COLOR: "1" }, drawn: true },
    { isTTY: true, environment: { TERM: "xterm", CI: "false" }, drawn: true },
    { isTTY: true, environment: { TERM: "xterm", CI: "true" }, drawn: false },
    { isTTY: true, environment: { TERM: "dumb" }, drawn: false },
    { isTTY: false, environment: { TERM: "xterm", FORCE_COLOR: "1" }, drawn: false },
    { isTTY: undefined, environment: {}, drawn: false },
  ])("$drawn where isTTY is $isTTY, with $environment", ({ isTTY, environment, drawn }) => {
    expect(canRedraw({ isTTY }, environment)).toBe(drawn);
  });
});

test("the plan of these tests is one of a drain", () => {
  const { plan }: { plan: Plan } = begun();
  expect(plan.scenario.load.kind).toBe("drain");
});
