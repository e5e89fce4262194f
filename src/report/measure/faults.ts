import { nsPerMs } from "../../base/clock.ts";
import type { Evidence, RoundEvidence } from "../../checks/check.ts";
import { countFaultHits } from "../../checks/fault-hits.ts";
import type { FaultDetail } from "../../history/event.ts";
import { notesOf } from "../../history/rounds.ts";
import { describeFault } from "../../plan/describe.ts";
import type { PlannedFault } from "../../plan/plan.ts";
import type { FaultResult, RecoveryResult } from "../result.ts";
import { loadWindow } from "./load-window.ts";
import { recoveriesIn } from "./recovery.ts";
import { significant } from "./significant.ts";

/** What was injected into the rounds of a strategy, how often it hit, and when it was there. */
export function measureFaults(evidence: Evidence): FaultResult[] {
  const planned = new Map(
    evidence.plan.rounds
      .flatMap((round) => round.faults)
      .map((fault): [string, PlannedFault] => [fault.id, fault]),
  );
  const recoveries = evidence.rounds.map((round) => recoveriesIn(round, evidence));
  return countFaultHits(evidence).map(({ fault, kind, injected, hit }) => {
    const plan = planned.get(fault);
    return {
      fault,
      kind,
      summary: plan === undefined ? "" : describeFault(plan.spec),
      injected,
      hit,
      spans: evidence.rounds.flatMap((round, place) =>
        spansIn(round, { fault, plan, recoveries: recoveries[place] ?? new Map() }),
      ),
    };
  });
}

/** From each injection to its heal; for a fault that is over at once, the moment of the injection. */
function spansIn(
  round: RoundEvidence,
  parts: {
    readonly fault: string;
    readonly plan: PlannedFault | undefined;
    readonly recoveries: ReadonlyMap<number, RecoveryResult>;
  },
): FaultResult["spans"] {
  const load = loadWindow(round);
  if (load === undefined) return [];
  const notes = notesOf<FaultDetail>(round, "fault").filter(
    ({ detail }) => detail.fault === parts.fault,
  );
  const isMoment = parts.plan?.spec.moment === "instant";
  const ms = (ns: number): number => significant((ns - load.fromNs) / nsPerMs);
  return notes.flatMap(({ index, detail }, place) => {
    if (detail.event !== "injected") return [];
    const healed = notes.slice(place + 1).find((note) => note.detail.event === "healed");
    const healedNs = healed === undefined ? load.toNs : round.events.t(healed.index);
    const fromNs = round.events.t(index);
    const toNs = isMoment ? fromNs : Math.max(fromNs, Math.min(healedNs, load.toNs));
    const recovery = parts.recoveries.get(index);
    const told = recovery === undefined ? {} : { recovery };
    // What stood before the first bot moved stood from the begin of the load, as far as its picture goes.
    const fromMs = Math.max(0, ms(fromNs));
    return [{ round: round.round, fromMs, toMs: Math.max(fromMs, ms(toNs)), ...told }];
  });
}
