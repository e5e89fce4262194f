import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { cannotWrite } from "./cannot-write.ts";
import type { RecordedStatement, RecordedWait, StatementsHeader } from "./statements.ts";

/** Lines that are put together before they are written. */
const batchSize = 1024;

/** Writes `statements.ndjson` while the run goes on. */
export class StatementLog implements AsyncDisposable {
  readonly #file: string;
  readonly #handle: FileHandle;
  #lines: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #closed: Promise<void> | undefined;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** Creates or empties the file. HarnessError (environment) if that cannot be done. */
  static async create(file: string): Promise<StatementLog> {
    const header: StatementsHeader = { format: "doubletake-statements", version: 1 };
    try {
      const handle = await open(file, "w");
      await handle.write(`${JSON.stringify(header)}\n`);
      return new StatementLog(file, handle);
    } catch (cause) {
      throw cannotWrite("list of statements", file, cause);
    }
  }

  /** Never waits, never throws. */
  note(line: RecordedStatement | RecordedWait): void {
    if (this.#closed !== undefined) return;
    this.#lines.push(JSON.stringify(line));
    if (this.#lines.length >= batchSize) this.#write();
  }

  /** Resolves when all that was noted is in the file. HarnessError (environment) where it could not be written. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
    if (this.#failure !== undefined)
      throw cannotWrite("list of statements", this.#file, this.#failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#write();
    await this.#writing;
    await this.#handle.close();
  }

  /** One writer at a time; after a failure nothing more is kept. */
  #write(): void {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0 || this.#failure !== undefined) return;
    this.#writing = this.#writing.then(() => this.#append(`${lines.join("\n")}\n`));
  }

  async #append(text: string): Promise<void> {
    try {
      await this.#handle.appendFile(text);
    } catch (cause) {
      this.#failure ??= cause;
    }
  }
}
