import { originText } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import { markdownTable } from "./marked-table.ts";

/** What the original claimed of its fix, as it was measured on one machine. */
export interface ClaimsBaseline extends Baseline {
  /** Rounds of each strategy, and jobs of a round. */
  readonly rounds: number;
  readonly jobs: number;
  readonly rows: readonly ClaimsRow[];
}

export interface ClaimsRow {
  readonly bots: number;
  readonly networkLatencyMs: number;
  /** Fixed / naive, with its 95 % interval over paired rounds. */
  readonly throughput: Ratio;
  /** Of the median time until a claim was granted. */
  readonly latency: Ratio;
  /** Of the fixed claim; null below the samples that support it. */
  readonly claimMsP99: number | null;
  readonly duplicates: { readonly fixed: number; readonly naive: number };
}

interface Ratio {
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

type Verdict = "yes" | "no" | "~";

const leastThroughput = 2;
const mostLatency = 0.5;
const mostClaimMs = 100;

/** The baseline as a table in Markdown: each claim with its verdict, which is `yes` only where the whole interval says so. */
export function claimsTable(baseline: ClaimsBaseline): string {
  const head = [
    "bots",
    "network",
    "throughput ≥ 2×",
    "latency ≤ 0.5×",
    "claim p99 < 100 ms",
    "duplicates",
  ];
  const table = markdownTable([head, ...baseline.rows.map(cells)]);
  return `${table}\n\nskip-locked / naive, ${baseline.rounds} rounds of ${baseline.jobs} jobs each, in turns. ${originText(baseline)}.`;
}

/** The same for who reads no more than one table: what was claimed, and in how many of the settings it holds. */
export function shortClaimsTable(baseline: ClaimsBaseline): string {
  const { rows, rounds, jobs } = baseline;
  const duplicates = rows.reduce((sum, row) => sum + row.duplicates.fixed, 0);
  const naive = rows.reduce((sum, row) => sum + row.duplicates.naive, 0);
  const lines = [
    ["it was claimed", "measured", "holds in"],
    ["no job twice", `${duplicates} duplicates, naive ${naive}`, held(rows, noDuplicate)],
    ["twice the throughput", rangeOf(rows, "throughput"), held(rows, isFast)],
    ["half the latency", rangeOf(rows, "latency"), held(rows, isQuick)],
    ["a claim in less than 100 ms", p99Range(rows), held(rows, isInTime)],
  ];
  const bots = [...new Set(rows.map((row) => row.bots))].join(", ");
  const networks = [...new Set(rows.map((row) => `${row.networkLatencyMs} ms`))].join(" and ");
  return `${markdownTable(lines)}\n\n${bots} bots, ${networks} of network latency: ${rows.length} settings of ${rounds} rounds of ${jobs} jobs, skip-locked / naive. ${originText(baseline)}.`;
}

function cells(row: ClaimsRow): readonly string[] {
  const { bots, networkLatencyMs, throughput, latency, claimMsP99, duplicates } = row;
  return [
    String(bots),
    `${networkLatencyMs} ms`,
    `${ratioText(throughput)} ${isFast(row)}`,
    `${ratioText(latency)} ${isQuick(row)}`,
    claimMsP99 === null ? "n/a" : `${claimMsP99.toFixed(1)} ms ${isInTime(row)}`,
    `${duplicates.fixed} / ${duplicates.naive}`,
  ];
}

function isFast({ throughput }: ClaimsRow): Verdict {
  return verdict(throughput, (ratio) => ratio >= leastThroughput);
}

function isQuick({ latency }: ClaimsRow): Verdict {
  return verdict(latency, (ratio) => ratio <= mostLatency);
}

function isInTime({ claimMsP99 }: ClaimsRow): Verdict {
  if (claimMsP99 === null) return "~";
  return claimMsP99 < mostClaimMs ? "yes" : "no";
}

function noDuplicate({ duplicates }: ClaimsRow): Verdict {
  return duplicates.fixed === 0 ? "yes" : "no";
}

/** `~` where the interval holds both answers: these rounds do not tell. */
function verdict({ low, high }: Ratio, holds: (ratio: number) => boolean): Verdict {
  if (low === null || high === null || holds(low) !== holds(high)) return "~";
  return holds(low) ? "yes" : "no";
}

/** "4 of 6, 1 undecided" */
function held(rows: readonly ClaimsRow[], holds: (row: ClaimsRow) => Verdict): string {
  const verdicts = rows.map(holds);
  const count = (wanted: Verdict): number => verdicts.filter((told) => told === wanted).length;
  const undecided = count("~") === 0 ? "" : `, ${count("~")} undecided`;
  return `${count("yes")} of ${rows.length}${undecided}`;
}

function ratioText({ ratio, low, high }: Ratio): string {
  if (ratio === null) return "n/a";
  const interval = low === null || high === null ? "" : ` [${low.toFixed(2)}–${high.toFixed(2)}]`;
  return `${ratio.toFixed(2)}×${interval}`;
}

function rangeOf(rows: readonly ClaimsRow[], metric: "throughput" | "latency"): string {
  const ratios = rows.flatMap((row) => row[metric].ratio ?? []);
  if (ratios.length === 0) return "n/a";
  return `${Math.min(...ratios).toFixed(2)}× to ${Math.max(...ratios).toFixed(2)}×`;
}

function p99Range(rows: readonly ClaimsRow[]): string {
  const known = rows.flatMap(({ claimMsP99 }) => claimMsP99 ?? []);
  if (known.length === 0) return "n/a";
  return `p99 ${Math.min(...known).toFixed(0)} to ${Math.max(...known).toFixed(0)} ms`;
}
