import { EventTable } from "../../src/history/event-table.ts";
import type { Detail } from "../../src/history/event.ts";
import type { CanaryDetail } from "../../src/history/load-detail.ts";
import type { Plan, PlannedRound } from "../../src/plan/plan.ts";

/** What a round is to have measured. */
export interface MadeUpRound {
  /** How long its load took, for ten claims; claims/s are ten by this. */
  readonly loadMs: number;
  readonly canary?: CanaryDetail;
}

const nsPerMs = 1_000_000;
const claims = 10;

/** The history of the first repeats of a plan, with measurements that are made up. */
export function measuredRounds(
  plan: Plan,
  repeats: number,
  measured: (planned: PlannedRound) => MadeUpRound,
): EventTable {
  const events = new EventTable();
  let t = 0;
  for (const planned of plan.rounds.filter(({ repeat }) => repeat < repeats)) {
    t = addRound(events, planned, { fromNs: t, ...measured(planned) });
  }
  return events;
}

/** Returns when it ends. */
function addRound(
  events: EventTable,
  { round, strategy, role, constraints }: PlannedRound,
  { fromNs, loadMs, canary }: MadeUpRound & { readonly fromNs: number },
): number {
  const toNs = fromNs + loadMs * nsPerMs;
  const named = { round, strategy, role, constraints };
  const note = (t: number, op: "round" | "phase", detail: Detail): void =>
    void events.push({ t, op, type: "info", detail });
  note(fromNs, "round", { ...named, event: "begin" });
  note(fromNs, "phase", { phase: "load", event: "begin" });
  for (let claim = 1; claim <= claims; claim++) {
    const t = fromNs + ((toNs - fromNs) * claim) / (claims + 1);
    events.push({ t, op: "claim", type: "invoke", bot: 1 });
    events.push({ t: t + 1, op: "claim", type: "ok", bot: 1, job: claim, attempt: 1 });
  }
  note(toNs, "phase", { phase: "load", event: "end" });
  const generator = { eventLoopDelayMsP99: 0, cpuShare: 0.1, loopUtilization: 0.1 };
  note(toNs, "round", {
    ...named,
    event: "end",
    load: { generator, ...(canary === undefined ? {} : { canary }) },
  });
  return toNs + nsPerMs;
}
