import { setMaxListeners } from "node:events";

/** Aborts as soon as one of `signals` does. Any number of waits may hang on it: a thousand bots are no leak. */
export function anySignal(...signals: readonly AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any([...signals]);
  setMaxListeners(0, signal);
  return signal;
}

/** Aborts after `ms`. */
export function deadlineSignal(ms: number): AbortSignal {
  return anySignal(AbortSignal.timeout(ms));
}
