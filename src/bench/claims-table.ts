/** What the original claimed of its fix, as it was measured on one machine. */
export interface ClaimsBaseline {
  readonly doubletake: string;
  readonly measuredAt: string;
  readonly machine: {
    readonly postgres: string;
    readonly node: string;
    readonly platform: string;
    readonly cpus: number;
    readonly cpuModel: string;
    readonly settings: Readonly<Record<string, string>>;
  };
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

const leastThroughput = 2;
const mostLatency = 0.5;
const mostClaimMs = 100;

/** The baseline as a table in Markdown: each claim with its verdict, which is `yes` only where the whole interval says so. */
export function claimsTable({ machine, measuredAt, rounds, jobs, rows }: ClaimsBaseline): string {
  const lines = rows.map(
    ({ bots, networkLatencyMs, throughput, latency, claimMsP99, duplicates }) => [
      String(bots),
      `${networkLatencyMs} ms`,
      `${ratioText(throughput)} ${verdict(throughput, (ratio) => ratio >= leastThroughput)}`,
      `${ratioText(latency)} ${verdict(latency, (ratio) => ratio <= mostLatency)}`,
      claimText(claimMsP99),
      `${duplicates.fixed} / ${duplicates.naive}`,
    ],
  );
  const head = [
    "bots",
    "network",
    "throughput ≥ 2×",
    "latency ≤ 0.5×",
    "claim p99 < 100 ms",
    "duplicates",
  ];
  const table = [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  const { postgres, node, cpus, cpuModel, settings } = machine;
  const durability = `fsync ${settings["fsync"]}, synchronous_commit ${settings["synchronous_commit"]}`;
  const where = `${cpus} × ${cpuModel}, ${postgres} (${durability}), Node ${node}, ${measuredAt.slice(0, 10)}`;
  return `${table.join("\n")}\n\nskip-locked / naive, ${rounds} rounds of ${jobs} jobs each, in turns. ${where}.`;
}

const begin = "<!-- the table of reports/baselines/original-claims.json -->";
const end = "<!-- end of the table -->";

/** The page with the table between its two marks. */
export function replaceTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error("the page has no place for the table");
  return `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}

function ratioText({ ratio, low, high }: Ratio): string {
  if (ratio === null) return "n/a";
  const interval = low === null || high === null ? "" : ` [${low.toFixed(2)}–${high.toFixed(2)}]`;
  return `${ratio.toFixed(2)}×${interval}`;
}

/** `~` where the interval holds both answers: these rounds do not tell. */
function verdict({ low, high }: Ratio, holds: (ratio: number) => boolean): string {
  if (low === null || high === null || holds(low) !== holds(high)) return "~";
  return holds(low) ? "yes" : "no";
}

function claimText(ms: number | null): string {
  if (ms === null) return "n/a";
  return `${ms.toFixed(1)} ms ${ms < mostClaimMs ? "yes" : "no"}`;
}
