import { HarnessError } from "../base/harness-error.ts";
import { Span } from "../base/span.ts";
import { sleep, withDeadline } from "../base/timer.ts";
import { addressText } from "../environment/postgres/connection.ts";
import type { PostgresAddress } from "../environment/postgres/postgres-server.ts";
import type { ControlDatabase } from "../service/control-database.ts";

export interface ServerWatchOptions {
  readonly control: Pick<ControlDatabase, "query">;
  readonly address: PostgresAddress;
  /** How long the server may be silent just now, in ms: a fault that restarts it takes a while. */
  readonly patienceMs: () => number;
  /** From one question to the next; half a second where absent. */
  readonly everyMs?: number;
}

const askEveryMs = 500;
const answerMs = 5_000;
/** A machine that slept finds its one question late, and the server well. */
const fewestQuestions = 3;

/**
 * Asks the server, as long as a round lasts, whether it is still there. One that is gone for good ends the round, for nothing
 * that is left to do can be done; one that only restarts does not.
 */
export class ServerWatch implements AsyncDisposable {
  readonly #options: ServerWatchOptions;
  readonly #watching = new Span();
  readonly #gone = new Span();
  #asking: Promise<void> = Promise.resolve();
  #error: HarnessError | undefined;

  constructor(options: ServerWatchOptions) {
    this.#options = options;
  }

  /** Asks from now on, until it is disposed of. */
  start(): void {
    this.#asking = this.#askAgainAndAgain();
  }

  /** Aborts when the server is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** HarnessError (environment) once the server is gone. */
  rejectGone(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching.end();
    await this.#asking;
  }

  async #askAgainAndAgain(): Promise<void> {
    const { control, patienceMs, everyMs = askEveryMs } = this.#options;
    const { signal } = this.#watching;
    let heardAtMs = performance.now();
    let unanswered = 0;
    while (!signal.aborted) {
      const deadline = { ms: answerMs, what: "a question to the server" };
      const error = await withDeadline(control.query("SELECT"), deadline).then(() => null, asError);
      unanswered = error === null ? 0 : unanswered + 1;
      if (error === null) heardAtMs = performance.now();
      const silentMs = performance.now() - heardAtMs;
      if (error !== null && unanswered >= fewestQuestions && silentMs > patienceMs()) {
        this.#error = serverGone(error, this.#options.address);
        return this.#gone.end();
      }
      await sleep(everyMs, signal);
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function serverGone(cause: Error, address: PostgresAddress): HarnessError {
  return new HarnessError({
    kind: "environment",
    what: `the server is gone in the middle of the run: ${cause.message}`,
    where: addressText(address),
    hint: "what was recorded until then lies in the run's folder; the next run on that server removes what this one left there",
    cause,
  });
}
