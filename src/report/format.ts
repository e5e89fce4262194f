import type { EventTable } from "../history/event-table.ts";
import type { HistoryHeader } from "../history/header.ts";
import type { RunResult } from "./result.ts";

/** One way to write a run. Pure: the caller reads and writes the files. */
export type Format = ResultFormat | HistoryFormat;

/** Made from result.json alone. */
export interface ResultFormat {
  readonly kind: "result";
  readonly name: string;
  /** Written after every run; the others only when they are asked for. */
  readonly isDefault: boolean;
  /** File name → content, relative to the run folder. */
  render(result: RunResult): Readonly<Record<string, string>>;
}

/** Has a line for each operation, so it is made from the recorded history. */
export interface HistoryFormat {
  readonly kind: "history";
  readonly name: string;
  /** File name → content in pieces: a history may be larger than a string may be. */
  render(history: FormattedHistory): Readonly<Record<string, Iterable<string>>>;
}

export interface FormattedHistory {
  readonly header: HistoryHeader;
  readonly events: EventTable;
}
