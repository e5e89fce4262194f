import { statSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { EventTable } from "./event-table.ts";
import { foreignHeader } from "./foreign-header.ts";
import type { HistoryHeader } from "./header.ts";
import { inOrderOfNumbers } from "./order-events.ts";
import { headerProblem, readJsonLines } from "./json-lines.ts";
import type { JsonLine } from "./json-lines.ts";
import { parseEvent } from "./parse-event.ts";
import { headerSchema } from "./schema.ts";

export interface History {
  readonly header: HistoryHeader;
  readonly events: EventTable;
  /** What was wrong with the file and how it was read all the same; one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads a run folder's `history.ndjson`, or a file of that format that any system wrote. Memory: the columns of the
 * events, and one chunk of the file.
 *
 * Read with a warning: a truncated last line, lines out of order, a line that stands there twice, operations that are
 * not known, a clock that goes backwards. HarnessError (usage, `file:line`): a line that is no JSON or no event, two
 * lines of one number, an empty file, a header of another format.
 */
export async function readHistory(path: string): Promise<History> {
  const file = historyFile(path);
  const reading = new Reading(file);
  const source = {
    file,
    hint: "a history is one JSON object a line (NDJSON)",
    onCutOff: (warning: string) => reading.warn(warning),
  };
  for await (const lines of readJsonLines(source)) for (const line of lines) reading.take(line);
  return reading.finish();
}

function historyFile(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(path, "history.ndjson") : path;
}

class Reading {
  readonly #file: string;
  readonly #events = new EventTable();
  readonly #unknownOperations = new Map<string, number>();
  readonly #warnings: string[] = [];
  #header: HistoryHeader | undefined;
  #isFirst = true;
  #lastNumber = -1;
  #isInOrder = true;

  constructor(file: string) {
    this.#file = file;
  }

  take(line: JsonLine): void {
    if (this.#isFirst && isHeader(line.value)) this.#takeHeader(line);
    else this.#takeEvent(line);
    this.#isFirst = false;
  }

  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  finish(): History {
    if (this.#isFirst) {
      const hint = "a history has one event a line; an interrupted run leaves at least its header";
      throw new HarnessError({ kind: "usage", what: "it is empty", where: this.#file, hint });
    }
    for (const [op, count] of this.#unknownOperations) {
      this.#warnings.push(
        `${count} ${plural(count, "event")} of unknown operation "${op}" left out`,
      );
    }
    const events = this.#inOrder();
    this.#warnAboutClock(events);
    const header = this.#header ?? foreignHeader(this.#file, events);
    return { header, events, warnings: this.#warnings };
  }

  #takeHeader(line: JsonLine): void {
    const { value } = line;
    const parsed = headerSchema.safeParse(value);
    if (!parsed.success) {
      const what = headerProblem(parsed.error);
      throw this.#invalid(line, what, "this doubletake reads doubletake-history version 1");
    }
    // A header without a plan is another system's: what it lacks is made up from the events at the end.
    if (parsed.data.plan !== undefined) this.#header = value as HistoryHeader;
  }

  #takeEvent(line: JsonLine): void {
    const parsed = parseEvent(line.value);
    if (parsed.kind === "invalid") {
      throw this.#invalid(line, parsed.problem, "docs/history-format.md describes the fields");
    }
    if (parsed.kind === "unknown operation") {
      const before = this.#unknownOperations.get(parsed.op) ?? 0;
      this.#unknownOperations.set(parsed.op, before + 1);
      return;
    }
    const number = parsed.number ?? this.#lastNumber + 1;
    if (number <= this.#lastNumber) this.#isInOrder = false;
    this.#lastNumber = number;
    this.#events.push(parsed.event, number);
  }

  #inOrder(): EventTable {
    if (this.#isInOrder) return this.#events;
    const { events, moved, repeated } = inOrderOfNumbers(this.#events, this.#file);
    if (moved > 0) {
      this.#warnings.push(`${moved} ${plural(moved, "line")} out of order, sorted by "i"`);
    }
    if (repeated > 0) {
      this.#warnings.push(`${repeated} ${plural(repeated, "line")} found twice, read once`);
    }
    return events;
  }

  /** Notes are told apart: what a proxy saw is often told later than it happened. */
  #warnAboutClock(events: EventTable): void {
    let [latest, times, first] = [-Infinity, 0, -1];
    for (let index = 0; index < events.length; index++) {
      if (events.type(index) === "info") continue;
      if (events.t(index) < latest && times++ === 0) first = index;
      latest = events.t(index);
    }
    if (times === 0) return;
    const where = `first at i=${events.number(first)}`;
    this.#warnings.push(
      `the clock goes backwards ${times} ${plural(times, "time")}, ${where}: the order is taken from "i", latencies may be wrong`,
    );
  }

  #invalid(line: JsonLine, what: string, hint: string): HarnessError {
    const where = `${this.#file}:${line.number}`;
    return new HarnessError({ kind: "usage", what, where, hint });
  }
}

function isHeader(value: unknown): boolean {
  return typeof value === "object" && value !== null && "format" in value && !("op" in value);
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
