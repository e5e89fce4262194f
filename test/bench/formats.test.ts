import { expect, it } from "vitest";
import { benchFormats } from "../../src/bench/formats.ts";

const samplesNs = Array.from({ length: 20 }, (_, n) => 1000 + n);
const results = [{ name: "claim/naive", samplesNs, medianNs: 1009.5 }];

it("benchstat: ten lines of means, in the order the samples were taken", () => {
  const lines = benchFormats.benchstat(results).trimEnd().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("BenchmarkClaim/naive 2 1000.5 ns/op");
  expect(lines[9]).toBe("BenchmarkClaim/naive 2 1018.5 ns/op");
});

it("benchstat: no sample is lost where they do not divide", () => {
  const odd = [{ ...results[0], name: "x", samplesNs: samplesNs.slice(0, 13), medianNs: 1 }];
  const counts = benchFormats
    .benchstat(odd)
    .trimEnd()
    .split("\n")
    .map((line) => Number(line.split(" ")[1]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(13);
});

it("github-action-benchmark: a value, its unit and its range", () => {
  expect(JSON.parse(benchFormats["github-action-benchmark"](results))).toEqual([
    { name: "claim/naive", unit: "ns/op", value: 1009.5, range: "± 5", extra: "20 samples" },
  ]);
});

it("text: the median, where most samples lie, and how many there are", () => {
  expect(benchFormats.text(results)).toBe(
    "claim/naive     1.0 µs   1.0 µs – 1.0 µs   20 samples\n",
  );
});
