import type { EventWindow } from "../../history/operations.ts";
import { phaseOf, wavesOf } from "../../history/rounds.ts";
import type { WaveSpan } from "../../history/rounds.ts";

/** The part of a round in which rates and latencies are measured: its load, faults and all, without the drain after it. */
export interface LoadWindow extends EventWindow {
  readonly fromNs: number;
  readonly toNs: number;
  /** The releases at the barrier, in the load kind `rounds`; none in others. */
  readonly waves: readonly WaveSpan[];
}

/** The load phase; the whole round where another system's history has no phases. Undefined: nothing was loaded. */
export function loadWindow(round: EventWindow): LoadWindow | undefined {
  const load = phaseOf(round, "load");
  if (load !== undefined) {
    const { events, from, to, fromNs, toNs } = load;
    return { events, from, to, fromNs, toNs, waves: wavesOf(round) };
  }
  const { events, from, to } = round;
  const hasPhases = phaseOf(round, "set-up") !== undefined;
  if (hasPhases || from === to) return undefined;
  return { events, from, to, fromNs: events.t(from), toNs: events.t(to - 1), waves: [] };
}
