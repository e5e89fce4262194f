import type { ConnectionDetail, FaultDetail } from "../history/event.ts";
import { notesOf, phaseOf } from "../history/rounds.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { Evidence, RoundEvidence } from "./check.ts";
import { isConnectionCode } from "./error-codes.ts";

/** What one line of the scenario's `faults:` came to, over all rounds of a strategy. */
export interface FaultHits {
  /** As in the plan: "kill-connection-2". */
  readonly fault: string;
  readonly kind: string;
  readonly injected: number;
  /** How often it hurt: injections that are known to have, else operations that show its effect. */
  readonly hit: number;
  /** Why it was not injected, or could not be, the first time that was so. */
  readonly trouble?: string;
}

/**
 * Every fault that was planned for the strategy, in the order of the scenario, also those that were never injected.
 *
 * A fault that knows what it hurt says so in its `hit` events. One that only stands there, a toxic, is judged by its
 * effect: the operations of bots that were in flight while it stood.
 */
export function countFaultHits(evidence: Evidence): readonly FaultHits[] {
  const counts = new Map<string, FaultHits>();
  for (const fault of plannedFaults(evidence)) {
    const hits = evidence.rounds.map((round) => hitsInRound(fault, round));
    const trouble = troubleOf(fault, evidence);
    counts.set(fault.id, {
      fault: fault.id,
      kind: fault.spec.kind,
      injected: hits.reduce((sum, { injected }) => sum + injected, 0),
      hit: hits.reduce((sum, { hit }) => sum + hit, 0),
      ...(trouble === undefined ? {} : { trouble }),
    });
  }
  return [...counts.values()];
}

function plannedFaults({ plan, strategy }: Evidence): readonly PlannedFault[] {
  const rounds = plan.rounds.filter((round) => round.strategy === strategy);
  const planned = rounds.flatMap((round) => round.faults);
  return [...new Map(planned.map((fault) => [fault.id, fault])).values()];
}

function troubleOf({ id }: PlannedFault, { rounds, plan, strategy }: Evidence): string | undefined {
  const notes = rounds.flatMap((round) => notesOf<FaultDetail>(round, "fault"));
  const error = notes.find(({ detail }) => detail.fault === id && detail.event === "error");
  if (error !== undefined) return error.detail.note ?? "it could not be injected";
  const planned = plan.rounds
    .filter((round) => round.strategy === strategy)
    .flatMap(({ faults }) => faults.filter((fault) => fault.id === id));
  const isNeverDrawn = planned.every(
    ({ injectAtMs, afterClaims }) => injectAtMs.length === 0 && afterClaims === undefined,
  );
  return isNeverDrawn ? "its probability drew none of its moments" : undefined;
}

function hitsInRound(
  fault: PlannedFault,
  round: RoundEvidence,
): Pick<FaultHits, "injected" | "hit"> {
  const notes = notesOf<FaultDetail>(round, "fault").filter(
    ({ detail }) => detail.fault === fault.id,
  );
  const times = (event: FaultDetail["event"]): number =>
    notes.filter(({ detail }) => detail.event === event).length;
  const injected = times("injected");
  const isTold = times("hit") + times("missed") > 0;
  const effect = isTold || injected === 0 ? undefined : effectOf(fault);
  if (effect === undefined) return { injected, hit: times("hit") };
  return { injected, hit: countEffects(round, spansOf(round, notes), effect) };
}

interface Span {
  readonly fromNs: number;
  readonly toNs: number;
}

/** From each injection to the heal after it; at the end of the load everything is healed. */
function spansOf(
  round: RoundEvidence,
  notes: readonly { readonly index: number; readonly detail: FaultDetail }[],
): readonly Span[] {
  const { events, to } = round;
  const endNs = phaseOf(round, "load")?.toNs ?? events.t(to - 1);
  return notes.flatMap(({ index, detail }, at) => {
    if (detail.event !== "injected") return [];
    const heal = notes.slice(at + 1).find((note) => note.detail.event === "healed");
    return [{ fromNs: events.t(index), toNs: heal === undefined ? endNs : events.t(heal.index) }];
  });
}

/** How an operation looks that a standing fault has hurt. */
type Effect =
  | { readonly kind: "lasts"; readonly atLeastNs: number }
  | { readonly kind: "loses its connection" }
  | { readonly kind: "any" };

/** Undefined for faults that are a moment: nothing shows that they hurt but their own word. */
function effectOf({ spec }: PlannedFault): Effect | undefined {
  if (spec.kind !== "toxic") return undefined;
  const { type, attributes } = spec.settings as {
    readonly type?: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  };
  if (type === "latency") {
    const ms = Number(attributes?.["latency"] ?? 0) - Number(attributes?.["jitter"] ?? 0);
    return { kind: "lasts", atLeastNs: Math.max(0, ms) * 1e6 };
  }
  return { kind: cutting.has(type ?? "") ? "loses its connection" : "any" };
}

/** Toxics that end connections; `postgres_cut` is our own. */
const cutting: ReadonlySet<string> = new Set([
  "timeout",
  "reset_peer",
  "limit_data",
  "postgres_cut",
]);

function countEffects(round: RoundEvidence, spans: readonly Span[], effect: Effect): number {
  const { events, operations } = round;
  let hits = 0;
  for (let operation = 0; operation < operations.length; operation++) {
    if (operations.bot(operation) === -1) continue;
    const complete = operations.complete(operation);
    const fromNs = events.t(operations.invoke(operation));
    const toNs = complete === -1 ? Infinity : events.t(complete);
    const isInside = spans.some((span) => fromNs <= span.toNs && toNs >= span.fromNs);
    if (isInside && showsEffect(round, operation, effect)) hits++;
  }
  return effect.kind === "loses its connection" ? hits + countLosses(round, spans) : hits;
}

function showsEffect(round: RoundEvidence, operation: number, effect: Effect): boolean {
  const { operations, events } = round;
  if (effect.kind === "any") return true;
  if (effect.kind === "lasts") return operations.durationNs(operation) >= effect.atLeastNs;
  const complete = operations.complete(operation);
  return complete !== -1 && isConnectionCode(events.code(complete));
}

/** Connections may also break between two operations. */
function countLosses(round: RoundEvidence, spans: readonly Span[]): number {
  return notesOf<ConnectionDetail>(round, "connection").filter(({ index, detail }) => {
    const t = round.events.t(index);
    return detail.event === "lost" && spans.some((span) => t >= span.fromNs && t <= span.toNs);
  }).length;
}
