import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { HarnessError } from "../../base/harness-error.ts";
import { compiledModule } from "../../base/package-root.ts";
import { sleep, withDeadline } from "../../base/timer.ts";
import { GuardedProcess } from "../../environment/guarded-process.ts";
import { readJsonLines } from "./host-message.ts";
import type { HostCommand, HostReport, HostSpec } from "./host-message.ts";

const startMs = 20_000;
/** Between two looks at what a host has told: to wake up for every report would cost more than to read it. */
const readEveryMs = 2;

export interface HostProcessOptions {
  readonly spec: HostSpec;
  readonly onReport: (report: HostReport) => void;
}

/** One host process, from its start to its end. */
export class HostProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #process: GuardedProcess;

  private constructor(process: GuardedProcess, pid: number) {
    this.#process = process;
    this.pid = pid;
  }

  /** Resolves when it is ready for tasks. HarnessError (environment) where it does not get so far in time. */
  static async start({ spec, onReport }: HostProcessOptions): Promise<HostProcess> {
    const module = fileURLToPath(compiledModule(import.meta.url, "./host-main.ts"));
    const process = await GuardedProcess.start({ file: module, args: [] });
    try {
      const ready = new Promise<number>((resolve) => {
        const read = readJsonLines((message) => {
          const report = message as HostReport;
          if (report.ready !== undefined) {
            process.knowAs(report.ready.pid);
            resolve(report.ready.pid);
          }
          onReport(report);
        });
        readNowAndThen(process.output, read);
      });
      send(process, { do: "set-up", ...spec });
      const died = process.ended.then((): never => {
        throw hostError("did not start", process.printed);
      });
      const deadline = { ms: startMs, what: "the start of a process for bots" };
      const pid = await withDeadline(Promise.race([ready, died]), deadline);
      died.catch(() => undefined);
      return new HostProcess(process, pid);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when the process is gone and all that it told has been read. */
  get ended(): Promise<void> {
    return this.#process.ended;
  }

  /** Why it ended, where nobody asked it to. */
  get failure(): HarnessError {
    return hostError("ended by itself", this.#process.printed);
  }

  send(command: HostCommand): void {
    send(this.#process, command);
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  continue(): void {
    this.#process.continue();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

function readNowAndThen(output: Readable, read: (chunk: Buffer) => void): void {
  output.on("data", (chunk: Buffer) => {
    output.pause();
    void sleep(readEveryMs).then(() => output.resume());
    read(chunk);
  });
}

function send({ commands, hasEnded }: GuardedProcess, command: HostCommand): void {
  if (!hasEnded && commands.writable) commands.write(`${JSON.stringify(command)}\n`);
}

function hostError(what: string, printed: string): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `a process with bots in it ${what}: ${printed || "(it printed nothing)"}`,
    hint: "leave bots.hosts away to have the bots in this process",
  });
}
