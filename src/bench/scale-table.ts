import { originText } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import { markdownTable } from "./marked-table.ts";

/** How a whole run grows with its jobs and its bots. */
export interface ScaleBaseline extends Baseline {
  readonly rows: readonly ScaleRow[];
}

export interface ScaleRow {
  readonly bots: number;
  /** Fewer than bots where they share them. */
  readonly connections: number;
  readonly jobs: number;
  readonly events: number;
  /** What the database bore witness of. */
  readonly changes: number;
  readonly loadSeconds: number;
  /** doubletake's own CPU time in the load, for claim, start and complete of a job. */
  readonly cpuMicrosPerJob: number;
  /** From the end of the load to the verdict: the database tells what was committed, and the checks judge. */
  readonly judgeSeconds: number;
  /** Most memory (RSS) that doubletake's process had at any time until the verdict. */
  readonly peakMegabytes: number;
  /** So much of it was not there before the round began. */
  readonly grownMegabytes: number;
  readonly verdict: string;
}

const head = [
  "bots",
  "connections",
  "jobs",
  "events + changes",
  "load",
  "jobs/s",
  "own CPU/job",
  "end of load to verdict",
  "peak memory",
  "of it per event or change",
  "verdict",
];

/** The baseline as a table in Markdown: by jobs, then by bots. */
export function scaleTable(baseline: ScaleBaseline): string {
  const table = markdownTable([head, ...baseline.rows.toSorted(byJobsThenBots).map(cells)]);
  return `${table}\n\nskip-locked, one round, the whole of a run: claim, start and complete of every job, the history and the witness on disk, all checks. ${originText(baseline)}.`;
}

export function byJobsThenBots(one: ScaleRow, other: ScaleRow): number {
  return one.jobs - other.jobs || one.bots - other.bots;
}

function cells(row: ScaleRow): readonly string[] {
  const records = row.events + row.changes;
  return [
    whole(row.bots),
    whole(row.connections),
    whole(row.jobs),
    whole(records),
    `${row.loadSeconds.toFixed(1)} s`,
    whole(row.jobs / row.loadSeconds),
    `${whole(row.cpuMicrosPerJob)} µs`,
    `${row.judgeSeconds.toFixed(1)} s`,
    `${whole(row.peakMegabytes)} MB`,
    `${whole((row.grownMegabytes * 1e6) / records)} B`,
    row.verdict,
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
