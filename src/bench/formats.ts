import { quantile } from "../stats/quantile.ts";
import type { TimedResult } from "./timing.ts";

/** How timings are told: to people, and to tools that keep a series of them. */
export const benchFormats: Readonly<
  Record<BenchFormat, (results: readonly TimedResult[]) => string>
> = {
  text,
  benchstat,
  "github-action-benchmark": githubActionBenchmark,
};
export const benchFormatNames = ["text", "benchstat", "github-action-benchmark"] as const;
export type BenchFormat = (typeof benchFormatNames)[number];

function text(results: readonly TimedResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  const lines = results.map(({ name, samplesNs, medianNs }) => {
    const sorted = samplesNs.toSorted((one, other) => one - other);
    const [low, high] = [quantile(sorted, 0.1), quantile(sorted, 0.9)].map((ns) =>
      duration(ns ?? 0),
    );
    return `${name.padEnd(width)}  ${duration(medianNs).padStart(9)}   ${low} – ${high}   ${samplesNs.length} samples`;
  });
  return `${lines.join("\n")}\n`;
}

/** benchstat wants ten lines or more of each: the samples in ten parts, in the order they were taken. */
const parts = 10;

/** The Go benchmark format: name, iterations, and the mean of one. `claim/naive` → `BenchmarkClaim/naive`. */
function benchstat(results: readonly TimedResult[]): string {
  const lines = results.flatMap(({ name, samplesNs }) => {
    const size = Math.max(1, Math.ceil(samplesNs.length / parts));
    const label = `Benchmark${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return Array.from({ length: Math.ceil(samplesNs.length / size) }, (_, part) => {
      const own = samplesNs.slice(part * size, (part + 1) * size);
      const mean = own.reduce((sum, ns) => sum + ns, 0) / own.length;
      return `${label} ${own.length} ${mean.toFixed(1)} ns/op`;
    });
  });
  return `${lines.join("\n")}\n`;
}

/** The tool's `customSmallerIsBetter`: one value each, and how far the middle half of the samples reaches from it. */
function githubActionBenchmark(results: readonly TimedResult[]): string {
  const entries = results.map(({ name, samplesNs, medianNs }) => {
    const sorted = samplesNs.toSorted((one, other) => one - other);
    const half = ((quantile(sorted, 0.75) ?? 0) - (quantile(sorted, 0.25) ?? 0)) / 2;
    return {
      name,
      unit: "ns/op",
      value: medianNs,
      range: `± ${Math.round(half)}`,
      extra: `${samplesNs.length} samples`,
    };
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
}

function duration(ns: number): string {
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(2)} ms`;
  if (ns >= 1e3) return `${(ns / 1e3).toFixed(1)} µs`;
  return `${ns.toFixed(0)} ns`;
}
