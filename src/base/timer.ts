import { Alarm } from "./alarm.ts";
import { monotonicMs } from "./clock.ts";
import { HarnessError } from "./harness-error.ts";

/** Resolves after `ms`, or at once when `signal` aborts; the caller looks at the signal to tell which. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/**
 * Resolves once `monotonicMs()` has reached `dueMs`, or at once when `signal` aborts: never early, and closer than `sleep`,
 * whose timers count whole milliseconds.
 */
export function sleepUntil(dueMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted || monotonicMs() >= dueMs) return resolve();
    const finish = (): void => {
      alarm.cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const alarm = new Alarm(finish);
    alarm.setAt(dueMs);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** The promise's value, or a HarnessError once `ms` have passed. The promise itself is not cancelled. */
export async function withDeadline<T>(
  promise: Promise<T>,
  deadline: { readonly ms: number; readonly what: string; readonly hint?: string },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const what = `${deadline.what} did not finish within ${deadline.ms} ms`;
      reject(new HarnessError({ kind: "environment", what, hint: deadline.hint }));
    }, deadline.ms);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` until it answers true; false once `ms` have passed or `signal` aborts. */
export async function waitUntil(
  probe: () => boolean | Promise<boolean>,
  bound: { readonly ms: number; readonly everyMs: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const end = performance.now() + bound.ms;
  for (;;) {
    if (await probe()) return true;
    if (performance.now() >= end || bound.signal?.aborted) return false;
    await sleep(bound.everyMs, bound.signal);
  }
}
