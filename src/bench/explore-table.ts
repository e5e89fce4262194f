import type { ProgramName } from "../explore/programs.ts";
import { originText } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import { markdownTable } from "./marked-table.ts";

/** How many schedules there are, and how long they take, as bots and steps grow. */
export interface ExploreBaseline extends Baseline {
  readonly rows: readonly ExploreRow[];
  /** `explore naive`, from the start of the process to its end, with the embedded server's start and stop. */
  readonly commandSeconds: number;
}

export interface ExploreRow {
  readonly strategy: string;
  readonly program: ProgramName;
  readonly bots: number;
  /** The most that one schedule had. */
  readonly steps: number;
  readonly schedules: number;
  /** Called off, because what they would have come to had been seen. */
  readonly redundant: number;
  /** Every schedule was carried out, or one that nobody can tell from it. */
  readonly isWhole: boolean;
  /** What was shown, in words. */
  readonly shown: string;
  /** Of one schedule, called off ones included. */
  readonly msEach: number;
  /** With the making of the tables and the shrinking of counterexamples. */
  readonly seconds: number;
  /** From the making of the tables to the first schedule that breaks a property; null: none does. */
  readonly firstBrokenSeconds: number | null;
}

/** What is to be explored to the end in a given time: all of these by so many bots. */
export const wholeBots = 3;
/** From one statement to three, without a lock, with one, and passing over it. */
export const strategies = ["naive", "compare-and-set-status", "for-update", "skip-locked"] as const;

/** The baseline as tables in Markdown: by bots, by programs, and what was asked for. */
export function exploreTable(baseline: ExploreBaseline): string {
  const rows = baseline.rows.toSorted(byBotsWithin);
  const claims = rows.filter(({ program }) => program === "claim");
  const longer = rows.filter(({ program }) => program !== "claim");
  const compared = claims.filter(({ strategy, bots }) =>
    longer.some((row) => row.strategy === strategy && row.bots === bots),
  );
  return [
    markdownTable([headOf("strategy"), ...claims.map((row) => cells(row.strategy, row, claims))]),
    markdownTable([
      headOf("program"),
      ...[...compared, ...longer].map((row) =>
        cells(`${row.strategy}, ${row.program}`, row, compared),
      ),
    ]),
    summaryOf(baseline),
  ].join("\n\n");
}

/** The strategies in the order they were measured in, and each by its bots. */
export function byBotsWithin(one: ExploreRow, other: ExploreRow): number {
  return placeOf(one.strategy) - placeOf(other.strategy) || one.bots - other.bots;
}

function headOf(what: string): readonly string[] {
  return [what, "bots", "steps", "schedules", "growth", "ms each", "all of it", "shown"];
}

/** `others`: with which of them it is compared: the same strategy with fewer bots, or a shorter program. */
function cells(name: string, row: ExploreRow, others: readonly ExploreRow[]): readonly string[] {
  const { bots, steps, schedules, isWhole, msEach, seconds, shown } = row;
  const least = isWhole ? "" : "> ";
  const fewer = others.find((each) =>
    row.program === "claim"
      ? each.strategy === row.strategy && each.bots === bots - 1
      : each.strategy === row.strategy && each.bots === bots,
  );
  const growth = fewer?.isWhole === true ? `${least}× ${round(schedules / fewer.schedules)}` : "";
  return [
    name,
    String(bots),
    String(steps),
    `${least}${schedules.toLocaleString("en")}`,
    growth,
    msEach.toFixed(1),
    `${seconds.toFixed(1)} s`,
    shown,
  ];
}

function round(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en");
}

function summaryOf(baseline: ExploreBaseline): string {
  const { rows, commandSeconds } = baseline;
  const asked = rows.filter(
    ({ strategy, program, bots }) =>
      program === "claim" && bots === wholeBots && placeOf(strategy) >= 0,
  );
  const together = asked.reduce((sum, { seconds }) => sum + seconds, 0);
  const naive = asked.find(({ strategy }) => strategy === "naive");
  const first = naive?.firstBrokenSeconds ?? Number.NaN;
  return [
    `The ${asked.length} with ${wholeBots} bots together: ${together.toFixed(1)} s. The first schedule that breaks naive has ended ${first.toFixed(2)} s after its tables began to be made.`,
    `\`explore naive\` as a command, with the start of the process and of the embedded server: ${commandSeconds.toFixed(1)} s. ${originText(baseline)}.`,
  ].join(" ");
}

function placeOf(strategy: string): number {
  return (strategies as readonly string[]).indexOf(strategy);
}
