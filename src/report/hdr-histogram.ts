import { fileName, uniqueNames } from "./file-name.ts";
import type { ResultFormat } from "./format.ts";
import type { RunResult, StrategyResult } from "./result.ts";

/**
 * latency-<strategy>.hgrm: the time until a claim was granted as HdrHistogram's percentile distribution, which its
 * plotters read. Milliseconds. The points are those of result.json, seven for each further nine.
 */
export const hdrHistogram: ResultFormat = {
  kind: "result",
  name: "hgrm",
  isDefault: false,
  render: filesOf,
};

function filesOf({ strategies }: RunResult): Readonly<Record<string, string>> {
  const names = uniqueNames(strategies.map(({ name }) => fileName(name)));
  const files = strategies.flatMap((strategy, place) =>
    strategy.distribution.length === 0
      ? []
      : [[`latency-${names[place] ?? ""}.hgrm`, distributionText(strategy)] as const],
  );
  return Object.fromEntries(files);
}

function distributionText({ distribution, latencyMs }: StrategyResult): string {
  const { count, mean, max } = latencyMs.toClaim;
  const rows = distribution.map(([quantile, ms]) => row(quantile, ms, count));
  return [
    "       Value     Percentile TotalCount 1/(1-Percentile)",
    "",
    ...rows,
    ...(mean === null ? [] : [`#[Mean    = ${fixed(mean, 12, 3)}]`]),
    `#[Max     = ${fixed(max ?? 0, 12, 3)}, Total count    = ${String(count).padStart(12)}]`,
    "",
  ].join("\n");
}

/** The last line has no rarity: 1/(1−1) is infinite. */
function row(quantile: number, ms: number, count: number): string {
  const total = Math.max(1, Math.round(quantile * count));
  const columns = [fixed(ms, 12, 3), quantile.toFixed(12), String(total).padStart(10)];
  const rarity = quantile >= 1 ? "" : fixed(1 / (1 - quantile), 14, 2);
  return [...columns, rarity].join(" ").trimEnd();
}

function fixed(value: number, width: number, digits: number): string {
  return value.toFixed(digits).padStart(width);
}
