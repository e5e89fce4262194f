import { Worker } from "node:worker_threads";
import { HarnessError } from "../base/harness-error.ts";
import { compiledModule } from "../base/package-root.ts";
import { withDeadline } from "../base/timer.ts";
import type { ThreadReport } from "./proxy-thread-main.ts";
import type { ProxyServerOptions } from "./server.ts";

export interface ProxyThreadOptions extends Omit<ProxyServerOptions, "proxies"> {
  /** Gives up a start under way. */
  readonly signal?: AbortSignal | undefined;
}

/** A ProxyServer in a thread of its own, so that the bots' CPU time does not distort the delays it injects. */
export interface ProxyThread extends AsyncDisposable {
  /** Where the HTTP API answers, without a trailing slash. */
  readonly url: string;
  readonly version: string;
  /** Aborted, with a HarnessError as its reason, when the thread ends without having been asked to. */
  readonly died: AbortSignal;
  /** Closes the API, ports and connections, and ends the thread. Idempotent; waits. */
  stop(): Promise<void>;
}

const startDeadlineMs = 10_000;
const stopDeadlineMs = 5_000;

/** Throws a HarnessError when the port cannot be had, or the start is given up. */
export async function startProxyThread(options: ProxyThreadOptions = {}): Promise<ProxyThread> {
  const { signal, ...workerData } = options;
  const module = compiledModule(import.meta.url, "./proxy-thread-main.ts");
  // Not the parent's options: an --input-type or an --import of a test runner would break the thread.
  const worker = new Worker(module, { workerData, execArgv: [] });
  try {
    const deadline = { ms: startDeadlineMs, what: "the start of the proxy thread" };
    const report = await withDeadline(firstReport(worker, signal), deadline);
    if (report.kind === "failed") throw new HarnessError(report.error);
    return new RunningThread(worker, report);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function firstReport(worker: Worker, signal: AbortSignal | undefined): Promise<ThreadReport> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(failure("the start of the proxy thread was given up"));
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    worker.once("error", (error) => reject(failure("the proxy thread crashed", error)));
    worker.once("exit", () => reject(failure("the proxy thread ended before it was ready")));
    worker.once("message", (report: ThreadReport) => {
      signal?.removeEventListener("abort", abort);
      worker.removeAllListeners();
      resolve(report);
    });
  });
}

class RunningThread implements ProxyThread {
  readonly url: string;
  readonly version: string;
  readonly #worker: Worker;
  readonly #died = new AbortController();
  readonly #exited: Promise<void>;
  #crash: unknown;
  #stopping: Promise<void> | undefined;

  constructor(worker: Worker, { url, version }: Extract<ThreadReport, { kind: "listening" }>) {
    this.url = url;
    this.version = version;
    this.#worker = worker;
    worker.once("error", (error) => (this.#crash = error));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#noticeExit();
        resolve();
      });
    });
    // A program that is done ends, whether or not it remembered to stop the proxy.
    worker.unref();
  }

  get died(): AbortSignal {
    return this.#died.signal;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage("stop", []);
    const deadline = { ms: stopDeadlineMs, what: "the end of the proxy thread" };
    // A thread that does not end in time is made to: nothing of it outlives this call.
    await withDeadline(this.#exited, deadline).catch(() => {});
    await this.#worker.terminate();
  }

  #noticeExit(): void {
    if (this.#stopping !== undefined) return;
    this.#died.abort(failure("the proxy thread ended unexpectedly", this.#crash));
  }
}

function failure(what: string, cause?: unknown): HarnessError {
  const hint = cause instanceof Error ? cause.message : undefined;
  return new HarnessError({ kind: "environment", what, hint, cause });
}
