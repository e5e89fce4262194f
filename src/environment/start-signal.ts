import { HarnessError } from "../base/harness-error.ts";

/** Ends a start under way, between two of its steps. What was started so far is for the caller to stop. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new HarnessError({ kind: "environment", what: "the start of a server was interrupted" });
}
