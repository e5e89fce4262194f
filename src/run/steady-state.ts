import { waitUntil } from "../base/timer.ts";
import { formatDurationMs } from "../scenario/duration.ts";
import type { SteadyState } from "../scenario/scenario.ts";
import type { LoadTally } from "./load-tally.ts";

/**
 * Where a scenario does not say: one claim was granted, and no more went wrong than right. Costs a run nothing, and
 * refuses one in which nothing works before anything is broken.
 */
const leastThereIs: SteadyState = { claims: 1, errors: 0.5, withinMs: 5_000 };

/**
 * Waits until the load runs well enough for its faults to mean something. Null when it does, else why it does not.
 * What is broken on purpose in a system that was broken before shows nothing.
 */
export async function whyUnsteady(
  load: LoadTally,
  wanted: SteadyState | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  const { claims, errors, withinMs } = wanted ?? leastThereIs;
  const isThere = (): boolean => load.granted >= claims;
  if (!(await waitUntil(isThere, { ms: withinMs, everyMs: 2, signal }))) {
    const when = signal.aborted ? "when the load ended" : `within ${formatDurationMs(withinMs)}`;
    return `${load.granted} of ${claims} claims were granted ${when}${failures(load)}`;
  }
  if (load.errors <= errors * load.answered) return null;
  return `${load.errors} of ${load.answered} operations had failed before anything was broken`;
}

function failures({ errors, answered }: LoadTally): string {
  return errors === 0 ? "" : `, and ${errors} of ${answered} operations failed`;
}
