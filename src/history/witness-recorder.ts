import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { cannotWrite } from "./cannot-write.ts";
import { witnessLine } from "./witness-line.ts";
import { WitnessTable } from "./witness-table.ts";
import type {
  BotChange,
  EffectChange,
  JobChange,
  RoundNote,
  WitnessHeader,
  WitnessSource,
} from "./witness-change.ts";
import type { RoundWitness, Witness } from "./witness.ts";

/** A change as the database tells it; its round and its time are put to it here. */
export type ToldChange =
  | Omit<JobChange, "n" | "round" | "at">
  | Omit<BotChange, "n" | "round" | "at">
  | Omit<EffectChange, "n" | "round" | "at">;

/** Lines that are put together before they are written. */
const batchSize = 4096;

/**
 * Writes `witness.ndjson` round by round, and keeps the changes in columns for the checks. Only whole transactions
 * are written and kept.
 */
export class WitnessRecorder implements AsyncDisposable {
  readonly #file: string;
  readonly #source: WitnessSource;
  readonly #handle: FileHandle;
  readonly #changes = new WitnessTable();
  readonly #rounds: RoundWitness[] = [];
  readonly #warnings: string[] = [];
  #round = 0;
  #roundFrom = 0;
  /** Changes before this index belong to transactions that have ended. */
  #committed = 0;
  /** Changes before this index are in the file. */
  #written = 0;
  /** Of the changes of the transaction that is being told: until when each must wait. */
  readonly #dues = new Map<number, number>();
  #closed: Promise<void> | undefined;

  private constructor(file: string, source: WitnessSource, handle: FileHandle) {
    this.#file = file;
    this.#source = source;
    this.#handle = handle;
  }

  /** Creates or empties the file. HarnessError (environment) if that cannot be done. */
  static async create(file: string, source: WitnessSource): Promise<WitnessRecorder> {
    const header: WitnessHeader = { format: "doubletake-witness", version: 1, source };
    try {
      const handle = await open(file, "w");
      await handle.write(`${JSON.stringify(header)}\n`);
      return new WitnessRecorder(file, source, handle);
    } catch (cause) {
      throw cannotWrite("witness", file, cause);
    }
  }

  /** What was recorded so far. */
  get witness(): Witness {
    return {
      source: this.#source,
      changes: this.#changes,
      rounds: [...this.#rounds],
      warnings: [...this.#warnings],
    };
  }

  beginRound(round: number): void {
    this.#round = round;
    this.#roundFrom = this.#changes.length;
  }

  /** Takes down a change of the transaction that is being told. */
  push(change: ToldChange): void {
    const told = { ...change, round: this.#round, at: Number.NaN };
    if (told.of !== "job" || told.dueAt === undefined) {
      this.#changes.push(told);
      return;
    }
    const { dueAt, ...job } = told;
    this.#dues.set(this.#changes.push(job), dueAt);
  }

  /** The transaction whose changes were pushed has ended at `at`, in nanoseconds on the history's clock. */
  commit(at: number): void {
    for (let index = this.#committed; index < this.#changes.length; index++) {
      this.#changes.setTime(index, at);
    }
    // A job that is due when it is put there need not wait, and most are.
    for (const [index, dueAt] of this.#dues) if (dueAt > at) this.#changes.setDue(index, dueAt);
    this.#dues.clear();
    this.#committed = this.#changes.length;
  }

  /** Puts the transactions that have ended into the file. */
  async write(): Promise<void> {
    while (this.#written < this.#committed) {
      const to = Math.min(this.#committed, this.#written + batchSize);
      let lines = "";
      for (let index = this.#written; index < to; index++) {
        lines += `${witnessLine(this.#changes, index)}\n`;
      }
      await this.#append(lines);
      this.#written = to;
    }
  }

  /** A transaction that has not ended by now was not told to its end, and is left out. */
  async endRound(end: Pick<RoundNote, "isWhole" | "uncertaintyNs" | "problem">): Promise<void> {
    this.#changes.truncate(this.#committed);
    this.#dues.clear();
    await this.write();
    const [round, from, to] = [this.#round, this.#roundFrom, this.#changes.length];
    const note: RoundNote = { of: "round", round, changes: to - from, ...end };
    await this.#append(`${JSON.stringify(note)}\n`);
    const { isWhole, uncertaintyNs, problem } = end;
    const source = this.#source;
    this.#rounds.push({ round, source, isWhole, uncertaintyNs, changes: this.#changes, from, to });
    if (!isWhole) this.#warnings.push(`the witness of round ${round} is not whole: ${problem}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#handle.close();
    await this.#closed;
  }

  async #append(text: string): Promise<void> {
    try {
      await this.#handle.appendFile(text);
    } catch (cause) {
      throw cannotWrite("witness", this.#file, cause);
    }
  }
}
