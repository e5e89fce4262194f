import { exitCodes } from "./exit-code.ts";

/** After an error that nobody caught, something may wait for ever for what it has torn. */
const longestEndMs = 60_000;

/**
 * The first Ctrl-C or SIGTERM ends the load: faults are healed, bots drain, the report is written. The second ends
 * the process at once; the guard of the embedded server still cleans up behind it. An error that nobody caught, in a
 * module of the user's for example, counts as the first; `runCommandLine` tells of it.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #onInterrupt = (): void => this.#stop(exitCodes.interrupted, "Ctrl-C");
  readonly #onTerminate = (): void => this.#stop(exitCodes.terminated, "SIGTERM");
  readonly #onUncaught = (): void => this.#stopTorn();
  readonly #doing: string;
  #exitCode: number | undefined;

  /** `doing`: what the first of them makes the command do. */
  constructor(doing = "healing faults, draining, writing the report") {
    this.#doing = doing;
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
    process.on("uncaughtException", this.#onUncaught);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 130 or 143 after an interruption, 70 after an error that nobody caught. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
    process.off("uncaughtException", this.#onUncaught);
  }

  #stopTorn(): void {
    setTimeout(() => process.exit(exitCodes.defect), longestEndMs).unref();
    this.#stop(exitCodes.defect, "an error that nobody caught");
  }

  #stop(exitCode: number, cause: string): void {
    if (this.#exitCode !== undefined) process.exit(exitCode);
    this.#exitCode = exitCode;
    process.stderr.write(`${cause}: ${this.#doing}; again: stop at once\n`);
    this.#controller.abort();
  }
}
