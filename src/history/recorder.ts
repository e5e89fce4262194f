import { closeSync, openSync, writeFile, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "../base/clock.ts";
import { HarnessError } from "../base/harness-error.ts";
import { sleep } from "../base/timer.ts";
import { cannotWrite } from "./cannot-write.ts";
import { eventLine } from "./event-line.ts";
import { EventTable } from "./event-table.ts";
import type { HistoryEvent } from "./event.ts";
import type { HistoryHeader } from "./header.ts";

/** What was seen, to be numbered and stamped. `t` is given only for what happened before it is told. */
export type Observation = Omit<HistoryEvent, "i" | "t"> & { readonly t?: number };

/** Writes `history.ndjson` while the run goes on, and keeps its events in memory for the checks. */
export interface Recorder extends AsyncDisposable {
  readonly table: EventTable;
  /** Stamps the events. */
  readonly clock: Clock;
  /** Aborts, with the HarnessError, as soon as the file cannot be written: a run that nobody can judge is not worth its time. */
  readonly failing: AbortSignal;
  /** Takes an event down in columns and returns its `i`; never waits, never throws. */
  record(observation: Observation): number;
  /**
   * Resolves when all that was recorded before is in the file. Rejects with a HarnessError (environment) if the file
   * could not be written: once, and from then on events are kept in memory only.
   */
  flush(): Promise<void>;
  /** Flushes and closes the file. Idempotent. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** Created, or emptied. */
  readonly file: string;
  readonly header: HistoryHeader;
  readonly clock: Clock;
}

/** Throws a HarnessError (environment) when the file cannot be made. */
export function createRecorder(options: RecorderOptions): Recorder {
  return new FileRecorder(options);
}

/** So much of a run is lost at most when its process is killed. */
const writeEveryMs = 100;

/** Events whose lines are in memory at one time: the columns of the table are the only queue. */
const batchSize = 2048;

const writeWhole = promisify(writeFile);

class FileRecorder implements Recorder {
  readonly table = new EventTable();
  readonly #file: string;
  readonly clock: Clock;
  readonly #fd: number;
  readonly #closing = new AbortController();
  readonly #failing = new AbortController();
  /** Events before this index are in the file. */
  #written = 0;
  #isScheduled = false;
  #writing: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #failure: HarnessError | undefined;
  #isFailureTold = false;

  constructor({ file, header, clock }: RecorderOptions) {
    this.#file = file;
    this.clock = clock;
    this.#fd = createWithHeader(file, header);
  }

  get failing(): AbortSignal {
    return this.#failing.signal;
  }

  record(observation: Observation): number {
    const index = this.table.pushAt(observation.t ?? this.clock.now(), observation);
    if (!this.#isScheduled) void this.#writeSoon();
    return index;
  }

  async flush(): Promise<void> {
    await this.#writeAll();
    this.#tellFailureOnce();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
    this.#tellFailureOnce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#writeAll();
    this.#closing.abort();
    closeSync(this.#fd);
  }

  async #writeSoon(): Promise<void> {
    this.#isScheduled = true;
    await sleep(writeEveryMs, this.#closing.signal);
    this.#isScheduled = false;
    if (this.#closed === undefined) await this.#writeAll();
  }

  /** One writer at a time: lines would be torn apart else. */
  async #writeAll(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writePending());
    await this.#writing;
  }

  async #writePending(): Promise<void> {
    const end = this.table.length;
    while (this.#written < end && this.#failure === undefined) {
      const to = Math.min(end, this.#written + batchSize);
      try {
        await writeWhole(this.#fd, this.#lines(this.#written, to));
        this.#written = to;
      } catch (cause) {
        this.#failure = cannotWrite("history", this.#file, cause);
        this.#failing.abort(this.#failure);
      }
    }
  }

  #lines(from: number, to: number): string {
    let lines = "";
    for (let index = from; index < to; index++) lines += `${eventLine(this.table, index)}\n`;
    return lines;
  }

  #tellFailureOnce(): void {
    if (this.#failure === undefined || this.#isFailureTold) return;
    this.#isFailureTold = true;
    throw this.#failure;
  }
}

/** The header is written before the run begins, so that a run killed at once can still be judged. */
function createWithHeader(file: string, header: HistoryHeader): number {
  try {
    const fd = openSync(file, "w");
    writeSync(fd, `${JSON.stringify(header)}\n`);
    return fd;
  } catch (cause) {
    throw cannotWrite("history", file, cause);
  }
}
