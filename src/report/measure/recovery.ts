import { nsPerMs } from "../../base/clock.ts";
import type { Evidence, RoundEvidence } from "../../checks/check.ts";
import { busyUntil, fewestGrants, goal, grantsOf, paceOf, surelyPerMs } from "../../checks/pace.ts";
import type { FaultDetail } from "../../history/event.ts";
import { notesOf, phaseOf } from "../../history/rounds.ts";
import type { Note, PhaseSpan } from "../../history/rounds.ts";
import type { RecoveryResult } from "../result.ts";
import { significant } from "./significant.ts";

/** The shortest stretch that is looked at for its rate. */
const shortestWindowMs = 50;

/** An injection that did hurt, or may have. */
interface Injection {
  /** Index of the event that began it. */
  readonly event: number;
  readonly fromNs: number;
  /** From then on it is over. */
  readonly overNs: number;
}

/**
 * How long after each injection claims were as fast again as before anything was broken; by the index of its event.
 *
 * ```
 *   grants/s   ▇▇▇▇▇▇▇▇▇▂▁▁▂▁▃▆▇▇▇▇▇
 *              before   │fault│  └ begin of the first stretch that is as good: recovered
 *                      from  over
 * ```
 *
 * The rate before is that from the begin of the load to the first injection, n grants in T: (n − 2√n) / T is what it surely
 * was. A stretch is as long as fifty grants take at that rate, at least 50 ms, and as good where its rate is 90 % of it.
 */
export function recoveriesIn(
  round: RoundEvidence,
  { plan }: Pick<Evidence, "plan">,
): ReadonlyMap<number, RecoveryResult> {
  const load = phaseOf(round, "load");
  if (load === undefined) return new Map();
  const moments = new Set(
    plan.rounds.flatMap(({ faults }) =>
      faults.flatMap(({ id, spec }) => (spec.moment === "instant" ? [id] : [])),
    ),
  );
  const injections = injectionsIn(round, load, moments);
  const held = paceOf(plan.scenario.load.kind);
  const pace = held === undefined ? paceBefore(round, load, injections[0]) : held;
  const endNs = Math.min(load.toNs, busyUntil(round, { load, bots: plan.scenario.bots.count }));
  return new Map(
    injections.map((injection) => [
      injection.event,
      typeof pace === "string"
        ? { kind: "unknown", why: pace }
        : recoveryOf(injection, { pace, endNs, others: injections }),
    ]),
  );
}

/** In the order they came. What is known to have hurt nothing is none. */
function injectionsIn(
  round: RoundEvidence,
  load: PhaseSpan,
  moments: ReadonlySet<string>,
): readonly Injection[] {
  const notes = notesOf<FaultDetail>(round, "fault").filter(({ index }) => index < load.to);
  return notes.flatMap(({ index, detail }, at) => {
    if (detail.event !== "injected") return [];
    const own = notes.slice(at + 1).filter(({ detail: later }) => later.fault === detail.fault);
    const next = own.findIndex((later) => later.detail.event === "injected");
    const after = next === -1 ? own : own.slice(0, next);
    const isMissed = after.some((later) => later.detail.event === "missed");
    if (isMissed || after.some((later) => later.detail.event === "error")) return [];
    const fromNs = round.events.t(index);
    const overNs = overAt(after, moments.has(detail.fault) ? "hit" : "healed", round);
    return [{ event: index, fromNs, overNs: overNs ?? load.toNs }];
  });
}

/** A moment is over when it has told what it hit: a server that was crashed is up again by then. */
function overAt(
  after: readonly Note<FaultDetail>[],
  event: FaultDetail["event"],
  { events }: RoundEvidence,
): number | undefined {
  const note = after.find(({ detail }) => detail.event === event);
  return note === undefined ? undefined : events.t(note.index);
}

interface Pace {
  /** When each job was granted, ascending. */
  readonly grants: readonly number[];
  /** Grants in each millisecond, before anything was broken. */
  readonly perMs: number;
}

/** How fast claims were before the first fault, or why nobody knows. */
function paceBefore(
  round: RoundEvidence,
  load: PhaseSpan,
  first: Injection | undefined,
): Pace | string {
  const fromNs = first?.fromNs ?? load.toNs;
  const grants = grantsOf(round, load);
  const before = grants.filter((at) => at < fromNs).length;
  if (before < fewestGrants) {
    return `${before} claims before the first fault, and it takes ${fewestGrants} to know a rate`;
  }
  return { grants, perMs: surelyPerMs({ grants: before, ms: (fromNs - load.fromNs) / nsPerMs }) };
}

function recoveryOf(
  injection: Injection,
  {
    pace,
    endNs,
    others,
  }: { readonly pace: Pace; readonly endNs: number; readonly others: readonly Injection[] },
): RecoveryResult {
  const { fromNs, overNs } = injection;
  const nextNs = Math.min(...others.map((other) => disturbedAt(injection, other)));
  const untilNs = Math.min(endNs, nextNs);
  const windowNs = Math.max(shortestWindowMs, fewestGrants / pace.perMs) * nsPerMs;
  const until = nextNs < endNs ? "next fault" : "end";
  if (untilNs - overNs < windowNs) return { kind: "unknown", why: tooSoon[until] };
  const needed = goal * pace.perMs * (windowNs / nsPerMs);
  const backNs = firstStretch(pace.grants, { fromNs: overNs, untilNs, windowNs, needed });
  if (backNs === undefined) {
    return { kind: "not recovered", watchedMs: toMs(untilNs - overNs), until };
  }
  const [afterHealMs, afterInjectMs] = [toMs(backNs - overNs), toMs(backNs - fromNs)];
  return { kind: "recovered", afterHealMs, afterInjectMs };
}

function toMs(ns: number): number {
  return significant(ns / nsPerMs);
}

const tooSoon = {
  "next fault": "another fault stood or came too soon after it",
  end: "the load, or its jobs, ended too soon after it",
};

/** From when on another fault would be to blame as well; Infinity: never. */
function disturbedAt(injection: Injection, other: Injection): number {
  if (other === injection || other.overNs <= injection.overNs) return Infinity;
  return Math.max(other.fromNs, injection.overNs);
}

/** The begin of the first stretch of that length with so many grants; it begins with the time that is looked at, or with a grant. */
function firstStretch(
  grants: readonly number[],
  stretch: {
    readonly fromNs: number;
    readonly untilNs: number;
    readonly windowNs: number;
    readonly needed: number;
  },
): number | undefined {
  const { fromNs, untilNs, windowNs, needed } = stretch;
  const inside = grants.filter((at) => at >= fromNs && at < untilNs);
  let end = 0;
  for (const [begin, beginNs] of [fromNs, ...inside].entries()) {
    if (beginNs + windowNs > untilNs) return undefined;
    while (end < inside.length && (inside[end] as number) < beginNs + windowNs) end++;
    // The first candidate is no grant: of the later ones, those before them are passed over.
    if (end - Math.max(0, begin - 1) >= needed) return beginNs;
  }
  return undefined;
}
