import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { HarnessError } from "../base/harness-error.ts";
import type { ErrorKind } from "../base/harness-error.ts";
import { ProxyServer } from "./server.ts";
import type { ProxyServerOptions } from "./server.ts";

/** What the thread tells its parent. */
export type ThreadReport =
  | { readonly kind: "listening"; readonly url: string; readonly version: string }
  | { readonly kind: "failed"; readonly error: FailedStart };

/** A HarnessError, in a form that may be sent between threads. */
export interface FailedStart {
  readonly kind: ErrorKind;
  readonly what: string;
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
}

async function main(): Promise<void> {
  assert(parentPort !== null, "proxy-thread-main runs in a worker thread");
  const port = parentPort;
  const report = (message: ThreadReport): void => port.postMessage(message);
  try {
    const server = await ProxyServer.start(workerData as ProxyServerOptions);
    // The parent has one thing to say: stop. The thread ends by itself once nothing is open any more.
    port.once("message", () => void server.stop().then(() => port.close()));
    report({ kind: "listening", url: server.url, version: server.version });
  } catch (error) {
    report({ kind: "failed", error: failedStart(error) });
    port.close();
  }
}

function failedStart(error: unknown): FailedStart {
  if (error instanceof HarnessError) {
    const { kind, what, where, hint } = error;
    return { kind, what, where, hint };
  }
  return { kind: "defect", what: error instanceof Error ? (error.stack ?? "") : String(error) };
}

await main();
