import { nsPerMs } from "../base/clock.ts";
import type { FaultDetail } from "../history/event.ts";
import { notesOf, phaseOf } from "../history/rounds.ts";
import type { PhaseSpan } from "../history/rounds.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence } from "./check.ts";
import { countFaultHits } from "./fault-hits.ts";
import { counted, Findings, inconclusive, notJudged } from "./findings.ts";
import { busyUntil, fewestGrants, goal, grantsOf, paceOf, surelyPerMs } from "./pace.ts";

/** How soon the rate before must be reached again. */
const withinMs = 5_000;
/** Below this part of the rate before, a queue stands still; no noise of a machine explains that for so long. */
const standstill = 0.1;
/** In less time there is no rate. */
const shortestMs = 500;
const shortestWindowMs = 250;

/**
 * A fault may slow claims down while it lasts, and not for longer: the rate of grants must come back to 90 % of what it
 * was before, some time within 5 s.
 *
 * ```
 *   grants/s   ▇▇▇▇▇▇▇▇▇▂▁▁▂▁▃▆▇▇▇▇▇
 *              before   │faults│after: is any stretch of it as good as before?
 * ```
 *
 * Judged where bots claim as fast as they can, so that nothing but the faults holds them up, and only on time in which jobs
 * were left for everybody. Faults that follow on each other are one disturbance. A machine has bad moments
 * of its own: a rate that is low, but no standstill, counts only if it was so after every one of several disturbances.
 */
export const recovered: Check = {
  name: "recovered",
  property: "after each fault the rate of claims comes back to 90 % of what it was before",
  judge: (evidence: Evidence): Judgement => {
    const { rounds, plan } = evidence;
    const held = paceOf(plan.scenario.load.kind);
    if (held !== undefined) return notJudged(`${held}, so there is no rate to come back to`);
    const hits = countFaultHits(evidence).filter(({ hit }) => hit > 0);
    if (hits.length === 0) return notJudged("no fault hit");
    const planned = plan.rounds.flatMap((round) => round.faults);
    const faults = new Map(
      hits.map(({ fault }) => [fault, planned.find(({ id }) => id === fault)]),
    );
    const found = rounds.flatMap((round) => recoveriesOf(round, plan.scenario.bots.count, faults));
    return judgementOf(found);
  },
};

type Recovery =
  /** `part`: of the rate before, in the best stretch after. */
  | {
      readonly kind: "recovered" | "too slow";
      readonly round: RoundEvidence;
      readonly disturbance: Disturbance;
      readonly part: number;
    }
  | { readonly kind: "not seen"; readonly why: string }
  /** In time enough to have a rate. */
  | { readonly kind: "too few before"; readonly grants: number };

interface Disturbance {
  readonly faults: ReadonlySet<string>;
  /** Index of the event that began it. */
  readonly event: number;
  readonly fromNs: number;
  readonly toNs: number;
}

function judgementOf(found: readonly Recovery[]): Judgement {
  const slow = found.flatMap((each) => (each.kind === "too slow" ? [each] : []));
  const back = found.filter(({ kind }) => kind === "recovered").length;
  const isEverySlow = back === 0 && slow.length > 1;
  const findings = new Findings();
  for (const each of slow) {
    if (isEverySlow || each.part < standstill) findings.add(() => tell(each));
  }
  const judged = back + slow.length;
  const note = `claims came back after ${back} of ${counted(judged, "disturbance")}`;
  if (findings.count > 0 || back > 0) return findings.judgement(note);
  const [few] = found.flatMap((each) => (each.kind === "too few before" ? [each.grants] : []));
  if (few !== undefined) {
    const claims = `${counted(few, "claim")} in all the time before the faults`;
    return inconclusive(`${claims}: too few to know a rate to come back to`);
  }
  if (slow.length > 0) return notJudged("one slow recovery may be the machine's; it takes several");
  const [unseen] = found.flatMap((each) => (each.kind === "not seen" ? [each.why] : []));
  return notJudged(unseen ?? "no round was loaded");
}

/** The faults that hit, by id. */
type HitFaults = ReadonlyMap<string, PlannedFault | undefined>;

function recoveriesOf(round: RoundEvidence, bots: number, faults: HitFaults): readonly Recovery[] {
  const load = phaseOf(round, "load");
  if (load === undefined) return [];
  const disturbances = disturbancesOf(round, load, faults);
  const [first] = disturbances;
  if (first === undefined) return [];
  const grants = grantsOf(round, load);
  const beforeMs = (first.fromNs - load.fromNs) / nsPerMs;
  const before = grants.filter((at) => at < first.fromNs).length;
  if (before < fewestGrants && beforeMs >= shortestMs && isMeantToComeLater(first, faults)) {
    return [{ kind: "too few before", grants: before }];
  }
  if (before < fewestGrants || beforeMs < shortestMs) {
    return [{ kind: "not seen", why: "the faults begin too soon to know a rate before them" }];
  }
  const untilNs = Math.min(load.toNs, busyUntil(round, { load, bots }));
  return disturbances.map((disturbance, at) => {
    const endNs = Math.min(untilNs, disturbances[at + 1]?.fromNs ?? untilNs);
    const rate = { grants: before, ms: beforeMs };
    return recoveryFrom({ round, disturbance, grants, rate, endNs });
  });
}

/** Whether the scenario gives the bots time to claim before it, and says when it is to come. */
function isMeantToComeLater({ faults: ids }: Disturbance, faults: HitFaults): boolean {
  return [...ids].every((id) => (faults.get(id)?.injectAtMs[0] ?? 0) >= shortestMs);
}

interface After {
  readonly round: RoundEvidence;
  readonly disturbance: Disturbance;
  /** When each job was granted, ascending. */
  readonly grants: readonly number[];
  /** What was granted before the faults, in which time. */
  readonly rate: { readonly grants: number; readonly ms: number };
  /** Until then nothing but the disturbance keeps bots from claiming. */
  readonly endNs: number;
}

function recoveryFrom({ round, disturbance, grants, rate, endNs }: After): Recovery {
  const perMs = surelyPerMs(rate);
  const windowMs = Math.max(shortestWindowMs, fewestGrants / perMs);
  const lastNs = Math.min(endNs, disturbance.toNs + (withinMs + windowMs) * nsPerMs);
  const best = mostWithin(grants, {
    fromNs: disturbance.toNs,
    toNs: lastNs,
    windowNs: windowMs * nsPerMs,
  });
  const part = best / (perMs * windowMs);
  if (part >= goal) return { kind: "recovered", round, disturbance, part };
  const isSeen = endNs - disturbance.toNs >= (withinMs + windowMs) * nsPerMs;
  if (isSeen) return { kind: "too slow", round, disturbance, part };
  return { kind: "not seen", why: "the load, or its jobs, ended too soon after the faults" };
}

/** The most grants in any window that lies between two times. */
function mostWithin(
  grants: readonly number[],
  {
    fromNs,
    toNs,
    windowNs,
  }: { readonly fromNs: number; readonly toNs: number; readonly windowNs: number },
): number {
  let [most, first] = [0, 0];
  for (let last = 0; last < grants.length; last++) {
    const at = grants[last] as number;
    if (at > toNs) break;
    while ((grants[first] as number) < Math.max(fromNs, at - windowNs)) first++;
    most = Math.max(most, last - first + 1);
  }
  return toNs - fromNs < windowNs ? 0 : most;
}

/** Faults that hit, each from its injection to its heal, joined where they follow closely on each other. */
function disturbancesOf(
  round: RoundEvidence,
  load: PhaseSpan,
  faults: HitFaults,
): readonly Disturbance[] {
  const spans = notesOf<FaultDetail>(round, "fault").filter(({ detail }) =>
    faults.has(detail.fault),
  );
  const joined: { faults: Set<string>; event: number; fromNs: number; toNs: number }[] = [];
  for (const [at, { index, detail }] of spans.entries()) {
    if (detail.event !== "injected") continue;
    const fromNs = round.events.t(index);
    const isStanding = faults.get(detail.fault)?.spec.moment === "span";
    const healed = spans.slice(at + 1).find((note) => isHealOf(note.detail, detail.fault));
    const healedNs = healed === undefined ? load.toNs : round.events.t(healed.index);
    const toNs = isStanding ? healedNs : fromNs;
    const last = joined.at(-1);
    if (last === undefined || fromNs > last.toNs + shortestMs * nsPerMs) {
      joined.push({ faults: new Set([detail.fault]), event: index, fromNs, toNs });
    } else {
      last.faults.add(detail.fault);
      last.toNs = Math.max(last.toNs, toNs);
    }
  }
  return joined;
}

function isHealOf({ fault, event }: FaultDetail, id: string): boolean {
  return fault === id && event === "healed";
}

function tell({ round, disturbance, part }: Extract<Recovery, { readonly part: number }>): Case {
  const { faults, event, fromNs, toNs } = disturbance;
  const [began, ended] = [fromNs, toNs].map((ns) => `t=${(ns / nsPerMs).toFixed(0)} ms`);
  return {
    summary:
      `after ${[...faults].join(", ")} (${began} to ${ended}) claims came back to no more than ` +
      `${Math.round(part * 100)} % of the rate before within ${withinMs / 1000} s`,
    round: round.round,
    events: [round.events.event(event)],
  };
}
