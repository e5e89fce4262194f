import { NumberMap } from "../history/number-map.ts";
import type { JobKeys } from "../history/job-keys.ts";
import { grantedAttempt } from "../history/job-logs.ts";
import type { RoundEvidence, WitnessEvidence } from "./check.ts";
import { terminalStates } from "./job-states.ts";
import { leasesOf } from "./leases.ts";
import type { LeasedGrant, Leases } from "./leases.ts";

/**
 * A stretch in which a job was certainly held. Positions are event indexes of the history, or change indexes of the
 * witness: each of them is one order of its own.
 */
export interface Hold {
  readonly job: number;
  readonly bot: number;
  readonly from: number;
  readonly fromNs: number;
  /** The first position at which it may have ended. */
  readonly to: number;
  /** When its lease may have run out. */
  readonly toNs: number;
}

/** What is certain of the jobs that have a key. */
export interface KeyedHolds {
  /** Ascending by `from`. */
  of(job: number): readonly Hold[];
  /** The first position at which the job may be done for good; infinity: it never was. */
  doneFrom(job: number): number;
}

/**
 * By the bots' answers: a job is held from the answer to its claim on, up to the first request that may have ended it,
 * whoever made it; and it is done, for all we know, once its completion was asked for.
 */
export function answeredHolds(round: RoundEvidence): KeyedHolds {
  const { logs } = round;
  const logOf = new NumberMap();
  for (let log = 0; log < logs.length; log++) logOf.set(logs.job(log), log);
  const leases = leasesOf(round);
  return {
    of: (job) => (logOf.get(job) === -1 ? [] : holdsOfLog(round, logOf.get(job), leases)),
    doneFrom: (job) => (logOf.get(job) === -1 ? Infinity : doneFromOf(round, logOf.get(job))),
  };
}

function holdsOfLog(round: RoundEvidence, log: number, leases: Leases | null): readonly Hold[] {
  const { events, logs, operations } = round;
  const job = logs.job(log);
  const holds: Hold[] = [];
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    if (op !== "claim" && op !== "resume") continue;
    const invoke = operations.invoke(operations.at(event));
    const bot = events.bot(event);
    const grant = { event, invoke, bot, attempt: grantedAttempt(round, event, job) };
    const toNs = leases?.end(log, grant).heldUntilNs ?? Infinity;
    const to = endOf(round, log, grant);
    const fromNs = events.t(event);
    if (to > event && toNs > fromNs) holds.push({ job, bot, from: event, fromNs, to, toNs });
  }
  return holds;
}

/** The first request behind the claim's that may have taken the job from its holder. */
function endOf(round: RoundEvidence, log: number, { invoke }: LeasedGrant): number {
  const { events, logs, operations, rescues } = round;
  const nameless = rescues.nameless.find(({ end }) => end > invoke)?.invoke ?? Infinity;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const op = events.op(event);
    if (op === "enqueue" && event > invoke) return Math.min(event, nameless);
    if (!ending.has(op)) continue;
    const operation = operations.at(event);
    if (operations.outcome(operation) === "failed") continue;
    const complete = operations.complete(operation);
    const isOver = operations.outcome(operation) !== "unknown" && complete < invoke;
    if (!isOver) return Math.min(event, nameless);
  }
  return nameless;
}

const ending: ReadonlySet<string> = new Set(["complete", "fail", "rescue"]);

function doneFromOf(round: RoundEvidence, log: number): number {
  const { events, logs, rescues } = round;
  // Nobody knows what such a rescue took, nor whether that had an attempt left.
  const nameless = rescues.nameless[0]?.invoke ?? Infinity;
  for (let entry = logs.from(log); entry < logs.to(log); entry++) {
    const event = logs.event(entry);
    const isEnd = ending.has(events.op(event)) && mayBeDone(round, event, logs.job(log));
    if (isEnd || events.op(event) === "enqueue") return Math.min(event, nameless);
  }
  return nameless;
}

function mayBeDone({ events, operations, rescues }: RoundEvidence, event: number, job: number) {
  const operation = operations.at(event);
  const outcome = operations.outcome(operation);
  if (outcome === "unknown") return true;
  if (outcome !== "ok") return false;
  const op = events.op(event);
  if (op === "rescue") return rescues.claim(event, job).isDead === true;
  if (op === "complete") return true;
  const detail = events.detail(operations.complete(operation)) as { status?: string } | undefined;
  return detail?.status === "dead";
}

/** By the rows as they were committed: exact, where the witness is whole. */
export function witnessedHolds(witness: WitnessEvidence, keys: JobKeys): KeyedHolds {
  const holds = new Map<number, Hold[]>();
  const close = (job: number, hold: Hold): void => {
    const known = holds.get(job);
    if (known === undefined) holds.set(job, [hold]);
    else known.push(hold);
  };
  const done = new Map<number, number>();
  const open = new Map<number, { hold: Hold; attempt: number | null }>();
  const { changes, from, to } = witness;
  for (let change = from; change < to; change++) {
    const job = changes.of(change) === "job" ? changes.job(change) : null;
    if (job === null || keys.of(job) === -1) continue;
    const [status, bot] = [changes.status(change), changes.bot(change)];
    const attempt = changes.attempt(change);
    const before = open.get(job);
    const isHeld = bot !== null && status !== null && heldStates.has(status);
    if (before !== undefined && (!isHeld || before.attempt !== attempt)) {
      close(job, { ...before.hold, to: change });
      open.delete(job);
    }
    if (isHeld) open.set(job, { hold: heldBy({ job, bot, change }, witness, open), attempt });
    const isDone = status === null || terminalStates.has(status);
    if (isDone && !done.has(job)) done.set(job, change);
  }
  for (const [job, { hold }] of open) close(job, hold);
  return { of: (job) => holds.get(job) ?? [], doneFrom: (job) => done.get(job) ?? Infinity };
}

const heldStates: ReadonlySet<string> = new Set(["claimed", "processing"]);

/** The same hold with the lease that its row tells of now, or a new one. */
function heldBy(
  { job, bot, change }: { readonly job: number; readonly bot: number; readonly change: number },
  { changes }: WitnessEvidence,
  open: ReadonlyMap<number, { readonly hold: Hold }>,
): Hold {
  const lease = changes.leaseUntil(change);
  const toNs = Number.isNaN(lease) ? Infinity : lease;
  const known = open.get(job)?.hold;
  if (known !== undefined) return { ...known, toNs: Math.max(known.toNs, toNs) };
  return { job, bot, from: change, fromNs: changes.at(change), to: Infinity, toNs };
}
