import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { HarnessError } from "../base/harness-error.ts";
import { headerProblem, readJsonLines } from "./json-lines.ts";
import type { JsonLine } from "./json-lines.ts";
import { parseWitnessLine } from "./witness-parse.ts";
import { witnessHeaderSchema } from "./witness-schema.ts";
import { WitnessTable } from "./witness-table.ts";
import type { RoundNote, WitnessHeader } from "./witness-change.ts";
import type { RoundWitness, Witness } from "./witness.ts";

const lineHint = "docs/witness.md describes the lines of a witness";

/**
 * Reads the `witness.ndjson` of a run folder, or of the folder that a `history.ndjson` lies in; null where there is
 * none: not every database can be made to tell.
 *
 * Read with a warning: a truncated last line, lines out of order, a line that stands there twice, changes of what is
 * not known, missing lines; a round that lacks lines is not whole. HarnessError (usage, `file:line`): a line that is no
 * JSON or no change, two changes of one number, a file without its header.
 */
export async function readWitness(path: string): Promise<Witness | null> {
  const file = witnessFile(path);
  if (file === undefined || !isThere(file)) return null;
  const reading = new Reading(file);
  const onCutOff = (warning: string): void => reading.warn(warning);
  for await (const lines of readJsonLines({ file, hint: lineHint, onCutOff })) {
    for (const line of lines) reading.take(line);
  }
  return reading.finish();
}

function witnessFile(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return join(path, "witness.ndjson");
  const name = basename(path);
  if (name === "witness.ndjson") return path;
  // A history of another name is not one of a run folder; what lies beside it need not belong to it.
  return name === "history.ndjson" ? join(dirname(path), "witness.ndjson") : undefined;
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

class Reading {
  readonly #file: string;
  readonly #changes = new WitnessTable();
  readonly #notes = new Map<number, RoundNote>();
  readonly #unknown = new Map<string, number>();
  readonly #warnings: string[] = [];
  #header: WitnessHeader | undefined;
  #isInOrder = true;

  constructor(file: string) {
    this.#file = file;
  }

  take(line: JsonLine): void {
    if (this.#header === undefined) this.#takeHeader(line);
    else this.#takeLine(line);
  }

  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  finish(): Witness {
    if (this.#header === undefined) {
      const hint = "its first line says how it was recorded; the run leaves at least that";
      throw new HarnessError({ kind: "usage", what: "it is empty", where: this.#file, hint });
    }
    for (const [of, count] of this.#unknown) {
      this.#warnings.push(`${count} ${plural(count, "change")} of unknown "${of}" left out`);
    }
    const changes = this.#inOrder();
    const rounds = this.#rounds(this.#header, changes);
    return { source: this.#header.source, changes, rounds, warnings: this.#warnings };
  }

  #takeHeader(line: JsonLine): void {
    const parsed = witnessHeaderSchema.safeParse(line.value);
    if (!parsed.success) {
      throw this.#invalid(line, headerProblem(parsed.error));
    }
    this.#header = parsed.data;
  }

  #takeLine(line: JsonLine): void {
    const parsed = parseWitnessLine(line.value);
    switch (parsed.kind) {
      case "invalid":
        throw this.#invalid(line, parsed.problem);
      case "unknown subject":
        this.#unknown.set(parsed.of, (this.#unknown.get(parsed.of) ?? 0) + 1);
        return;
      case "round":
        this.#notes.set(parsed.note.round, parsed.note);
        return;
      case "change": {
        const last = this.#changes.length - 1;
        if (last >= 0 && parsed.number <= this.#changes.number(last)) this.#isInOrder = false;
        this.#changes.push(parsed.change, parsed.number);
      }
    }
  }

  #inOrder(): WitnessTable {
    if (this.#isInOrder) return this.#changes;
    const { changes, repeated } = inOrderOfNumbers(this.#changes, this.#file);
    this.#warnings.push(`the lines are out of order, sorted by "n"`);
    if (repeated > 0) {
      this.#warnings.push(`${repeated} ${plural(repeated, "line")} found twice, read once`);
    }
    return changes;
  }

  /** Rounds come one after the other, so each is one window; one without changes has its note alone. */
  #rounds({ source }: WitnessHeader, changes: WitnessTable): readonly RoundWitness[] {
    const windows = windowsOf(changes);
    const numbers = new Set([...windows.keys(), ...this.#notes.keys()]);
    return [...numbers]
      .toSorted((left, right) => left - right)
      .map((round) => {
        const { from, to } = windows.get(round) ?? { from: 0, to: 0 };
        const note = this.#notes.get(round);
        const isWhole = this.#isWhole(round, to - from);
        const uncertaintyNs = note?.uncertaintyNs ?? null;
        return { round, source, isWhole, uncertaintyNs, changes, from, to };
      });
  }

  #isWhole(round: number, found: number): boolean {
    const note = this.#notes.get(round);
    const missing = (note?.changes ?? found) - found;
    if (note?.isWhole === true && missing === 0) return true;
    const why =
      note === undefined
        ? "it does not come to its end"
        : missing > 0
          ? `${missing} of its ${note.changes} changes are missing`
          : (note.problem ?? "the database did not tell all of it");
    this.#warnings.push(`the witness of round ${round} is not whole: ${why}`);
    return false;
  }

  #invalid(line: JsonLine, what: string): HarnessError {
    const where = `${this.#file}:${line.number}`;
    return new HarnessError({ kind: "usage", what, where, hint: lineHint });
  }
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function windowsOf(changes: WitnessTable): ReadonlyMap<number, Window> {
  const windows = new Map<number, Window>();
  let from = 0;
  for (let index = 1; index <= changes.length; index++) {
    const isEnd = index === changes.length || changes.round(index) !== changes.round(from);
    if (!isEnd) continue;
    windows.set(changes.round(from), { from, to: index });
    from = index;
  }
  return windows;
}

interface Ordered {
  readonly changes: WitnessTable;
  /** Lines that stood there twice, word for word. */
  readonly repeated: number;
}

function inOrderOfNumbers(changes: WitnessTable, file: string): Ordered {
  const order = new Uint32Array(changes.length).map((_, index) => index);
  order.sort((left, right) => changes.number(left) - changes.number(right) || left - right);
  const sorted = new WitnessTable();
  let repeated = 0;
  let previous = -1;
  for (const index of order) {
    if (previous !== -1 && changes.number(previous) === changes.number(index)) {
      rejectClash(changes, [previous, index], file);
      repeated++;
      continue;
    }
    const { n, ...change } = changes.change(index);
    sorted.push(change, n);
    previous = index;
  }
  return { changes: sorted, repeated };
}

function rejectClash(
  changes: WitnessTable,
  [one, other]: readonly [number, number],
  file: string,
): void {
  if (JSON.stringify(changes.change(one)) === JSON.stringify(changes.change(other))) return;
  throw new HarnessError({
    kind: "usage",
    what: `two different changes have n=${changes.number(one)}`,
    where: file,
    hint: "number the changes over the whole file, in commit order",
  });
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
