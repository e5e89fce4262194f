import { exitCodes } from "./exit-code.ts";

/**
 * The first Ctrl-C or SIGTERM ends the load: faults are healed, bots drain, the report is written. The second ends
 * the process at once; the guard of the embedded server still cleans up behind it.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #onInterrupt = (): void => this.#stop(exitCodes.interrupted, "Ctrl-C");
  readonly #onTerminate = (): void => this.#stop(exitCodes.terminated, "SIGTERM");
  readonly #doing: string;
  #exitCode: number | undefined;

  /** `doing`: what the first of them makes the command do. */
  constructor(doing = "healing faults, draining, writing the report") {
    this.#doing = doing;
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 130 or 143 after an interruption. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
  }

  #stop(exitCode: number, cause: string): void {
    if (this.#exitCode !== undefined) process.exit(exitCode);
    this.#exitCode = exitCode;
    process.stderr.write(`${cause}: ${this.#doing}; again: stop at once\n`);
    this.#controller.abort();
  }
}
