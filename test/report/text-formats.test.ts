import { describe, expect, test } from "vitest";

import { benchstat } from "../../src/report/benchstat.ts";
import { fileName, uniqueNames } from "../../src/report/file-name.ts";
import { hdrHistogram } from "../../src/report/hdr-histogram.ts";
import { jepsen } from "../../src/report/jepsen.ts";
import { pgbenchLog } from "../../src/report/pgbench-log.ts";
import { HistoryBuilder } from "../histories/builder.ts";
import { sampleHistory } from "./sample-history.ts";
import { sampleResult } from "./golden.ts";

describe("benchmark.txt", () => {
  const result = sampleResult("passed");
  const text = benchstat.render(result)["benchmark.txt"] ?? "";
  const lines = text.split("\n").filter((line) => line.startsWith("Benchmark"));

  test("has a line a round, as Go's benchmarks print them", () => {
    const rounds = result.strategies.flatMap(({ claimsPerSecond }) => claimsPerSecond.samples);
    expect(lines).toHaveLength(rounds.length);
    for (const line of lines) {
      expect(line).toMatch(/^BenchmarkClaim\/strategy=\S+\t\d+\t\d+ ns\/op\t[\d.]+ claims\/s$/);
    }
  });

  test("has times that agree with the rates", () => {
    const [, ns, rate] = /\t(\d+) ns\/op\t([\d.]+) claims/.exec(lines[0] ?? "") ?? [];
    expect((Number(ns) * Number(rate)) / 1e9).toBeCloseTo(1, 3);
  });

  test("has no time per claim for a round in which nothing was granted", () => {
    const [first] = result.strategies;
    const stalled = { ...first!, claimsPerSecond: { median: 0, low: 0, high: 0, samples: [0] } };
    const stalledText = benchstat.render({ ...result, strategies: [stalled] })["benchmark.txt"];
    expect(stalledText).toMatch(/\t1\t0 claims\/s\n$/);
  });
});

describe("latency-<strategy>.hgrm", () => {
  test("rises to the maximum, with its rarity and its count", () => {
    const result = sampleResult("passed");
    const files = hdrHistogram.render(result);
    expect(Object.keys(files)).toHaveLength(result.strategies.length);
    const rows = (Object.values(files)[0] ?? "")
      .split("\n")
      .filter((line) => /^\s+\d/.test(line))
      .map((line) => line.trim().split(/\s+/).map(Number));
    const { max, count } = result.strategies[0]!.latencyMs.toClaim;
    expect(rows.at(-1)?.slice(0, 3)).toEqual([Number(max?.toFixed(3)), 1, count]);
    for (const [place, [value = 0, quantile = 0, total = 0, rarity]] of rows.entries()) {
      const [before = 0, , totalBefore = 0] = rows[place - 1] ?? [];
      expect(value).toBeGreaterThanOrEqual(before);
      expect(total).toBeGreaterThanOrEqual(totalBefore);
      expect(rarity ?? Infinity).toBeCloseTo(1 / (1 - quantile), 1);
    }
  });
});

describe("pgbench_log", () => {
  const files = pgbenchLog.render(sampleHistory());
  const lines = [...(files["pgbench_log.sql-mine-sql"] ?? [])].join("").trim().split("\n");

  test("has a line a claim, with pgbench's columns", () => {
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      expect(line).toMatch(/^\d+ \d+ (\d+|serialization|deadlock|failed) [01] \d+ \d{1,6} \d+$/);
    }
  });

  test("counts the claims of each bot, and names how they failed", () => {
    const columns = lines.map((line) => line.split(" "));
    expect(columns.filter(([bot]) => bot === "1").map(([, number]) => number)).toEqual([
      "1",
      "2",
      "3",
    ]);
    expect(columns.map(([, , time]) => time)).toEqual([
      "1000",
      "1000",
      "serialization",
      "deadlock",
      "failed",
      "1000",
    ]);
    expect(columns.map(([, , , script]) => script).join("")).toBe("000001");
  });

  test("measures from the intended start, and tells the lag", () => {
    const history = new HistoryBuilder();
    history.begin().phase("load", "begin");
    const intendedAt = (history.nowMs - 5) * 1_000_000;
    history.invoke(1, "claim", { detail: { intendedAt } }).answer(1, "claim", "ok", { job: 1 });
    history.phase("load", "end").end();
    const rendered = pgbenchLog.render({ header: history.header(), events: history.events });
    const [line = ""] = [...(Object.values(rendered)[0] ?? [])];
    expect(line.split(" ")).toMatchObject({ 2: "6000", 6: "5000\n" });
  });

  test("has no lag where nothing is scheduled", () => {
    const history = new HistoryBuilder();
    history.begin().phase("load", "begin").granted(1, 1).phase("load", "end").end();
    const rendered = pgbenchLog.render({ header: history.header(), events: history.events });
    const [line = ""] = [...(Object.values(rendered)[0] ?? [])];
    expect(line.trim().split(" ")).toHaveLength(6);
  });
});

test("history.edn is Jepsen's form, an operation a line", () => {
  const text = [...(jepsen.render(sampleHistory())["history.edn"] ?? [])].join("");
  expect(text).toMatch(/^\{:index 0, :time \d+, :process \d+, :type :invoke, :f :enqueue/);
});

describe("a strategy's name in a file's name", () => {
  test("names no folder", () => {
    expect(fileName("../../etc/passwd")).toBe("etc-passwd");
    expect(fileName("…")).toBe("unnamed");
  });

  test("is its own, also where letters differ only in case", () => {
    expect(uniqueNames(["a", "A", "a"])).toEqual(["a", "A-2", "a-3"]);
  });
});
