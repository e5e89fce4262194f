import type {
  ClaimDetail,
  EnqueueDetail,
  JobRange,
  Operation,
  RedriveDetail,
  RescueDetail,
} from "./event.ts";
import { NumberMap } from "./number-map.ts";
import type { EventWindow, Operations } from "./operations.ts";

/**
 * What happened to each job of a window: checks go job by job, because what happens to one says nothing about
 * another, and that keeps them linear.
 *
 * A grant stands in the log where its answer came, `claim ok` or `resume ok`: only then does the bot know. What a bot
 * asks for a job stands where it was asked, because from there on it may have happened: `start`, `heartbeat`,
 * `complete`, `fail`. So does a `rescue` or a `redrive`, in the log of every job that its answer names; one that was not
 * answered and names no job is in no log (`Rescues.nameless`). A job that is enqueued once more has that `enqueue ok` in
 * its log.
 *
 * ```
 *   job 9   claim ok (bot 3) ─ start (bot 3) ─ complete (bot 3)
 * ```
 */
export class JobLogs {
  /** Jobs that anything happened to. */
  readonly length: number;
  readonly #jobs: readonly number[];
  /** Log `n` is the entries from `starts[n]` up to `starts[n + 1]`. */
  readonly #starts: Int32Array;
  readonly #entries: Int32Array;

  constructor(window: EventWindow, operations: Operations) {
    const { jobs, mentions } = collectMentions(window, operations);
    this.#jobs = jobs;
    this.length = jobs.length;
    this.#starts = startsOf(mentions, jobs.length);
    this.#entries = entriesOf(mentions, this.#starts);
  }

  job(log: number): number {
    return this.#jobs[log] as number;
  }

  /** First entry of a log; `to` is one past its last. */
  from(log: number): number {
    return this.#starts[log] as number;
  }

  to(log: number): number {
    return this.#starts[log + 1] as number;
  }

  /** Index of the entry's event. */
  event(entry: number): number {
    return this.#entries[entry] as number;
  }
}

/** The attempt under which a `claim ok` or `resume ok` granted this job, be it the first or one of `more`; -1: not told. */
export function grantedAttempt(window: EventWindow, event: number, job: number): number {
  const { events } = window;
  if (events.job(event) === job) return events.attempt(event);
  const more = (events.detail(event) as ClaimDetail | undefined)?.more ?? [];
  return more.find((claim) => claim.job === job)?.attempt ?? -1;
}

interface Collected {
  readonly jobs: readonly number[];
  readonly mentions: Mentions;
}

function collectMentions(window: EventWindow, operations: Operations): Collected {
  const { events, from, to } = window;
  const collector = new Collector();
  const enqueuedAgain = jobsEnqueuedAgain(window);
  for (let event = from; event < to; event++) {
    const type = events.type(event);
    if (type === "info" || type === "empty" || type === "failed") continue;
    const op = events.op(event);
    if (type === "ok" && isGrant(op)) {
      addGranted(collector, window, event);
    } else if (isRequest(op)) {
      const operation = operations.at(event);
      if (operations.invoke(operation) !== event) continue;
      const job = operations.job(operation);
      if (job !== -1) collector.add(job, event);
      else addNamed(collector, window, { operations, operation });
    } else if (type === "ok" && op === "enqueue") {
      for (const job of enqueuedAgain.get(event) ?? []) collector.add(job, event);
    }
  }
  return { jobs: collector.jobs, mentions: collector.mentions };
}

function isGrant(op: Operation): boolean {
  return op === "claim" || op === "resume";
}

function isRequest(op: Operation): boolean {
  return requests.has(op);
}

const requests: ReadonlySet<Operation> = new Set<Operation>([
  "start",
  "heartbeat",
  "complete",
  "fail",
  "rescue",
  "redrive",
]);

/** The jobs that a rescue's or a redrive's answer names; in their logs it stands where it was asked. */
function addNamed(
  collector: Collector,
  { events }: EventWindow,
  { operations, operation }: { readonly operations: Operations; readonly operation: number },
): void {
  const op = operations.op(operation);
  const complete = operations.complete(operation);
  const detail = complete === -1 ? undefined : events.detail(complete);
  if (detail === undefined) return;
  const invoke = operations.invoke(operation);
  if (op === "rescue") {
    for (const { job } of (detail as RescueDetail).jobs) collector.add(job, invoke);
  } else if (op === "redrive") {
    for (const [first, last] of (detail as RedriveDetail).jobs) {
      for (let job = first; job <= last; job++) collector.add(job, invoke);
    }
  }
}

function addGranted(collector: Collector, { events }: EventWindow, event: number): void {
  const job = events.job(event);
  if (job !== -1) collector.add(job, event);
  const more = (events.detail(event) as ClaimDetail | undefined)?.more;
  if (more !== undefined) for (const claim of more) collector.add(claim.job, event);
}

interface Enqueued {
  readonly range: JobRange;
  readonly event: number;
}

/**
 * The jobs that each `enqueue ok` enqueues once more. Found by sorting the ranges, whose number may be that of the jobs:
 * two ranges overlap where one begins before all that began earlier have ended.
 */
function jobsEnqueuedAgain(window: EventWindow): ReadonlyMap<number, readonly number[]> {
  const again = new Map<number, number[]>();
  const ranges = enqueuedRanges(window).toSorted(
    (left, right) => left.range[0] - right.range[0] || left.event - right.event,
  );
  let longest = ranges[0];
  for (const later of ranges.slice(1)) {
    const before = longest as Enqueued;
    const jobs = again.get(Math.max(before.event, later.event)) ?? [];
    const last = Math.min(before.range[1], later.range[1]);
    for (let job = later.range[0]; job <= last; job++) jobs.push(job);
    if (jobs.length > 0) again.set(Math.max(before.event, later.event), jobs);
    if (later.range[1] >= before.range[1]) longest = later;
  }
  return again;
}

function enqueuedRanges({ events, from, to }: EventWindow): Enqueued[] {
  const ranges: Enqueued[] = [];
  for (let event = from; event < to; event++) {
    if (events.op(event) !== "enqueue" || events.type(event) !== "ok") continue;
    const detail = events.detail(event) as EnqueueDetail | undefined;
    for (const range of detail?.jobs ?? []) ranges.push({ range, event });
  }
  return ranges;
}

/** Which job, by its number, and which event; in the order of events. */
interface Mentions {
  readonly length: number;
  readonly job: Int32Array;
  readonly event: Int32Array;
}

class Collector {
  readonly jobs: number[] = [];
  readonly #numbers = new NumberMap();
  #length = 0;
  #job = new Int32Array(1024);
  #event = new Int32Array(1024);

  get mentions(): Mentions {
    return { length: this.#length, job: this.#job, event: this.#event };
  }

  add(job: number, event: number): void {
    let number = this.#numbers.get(job);
    if (number === -1) {
      number = this.jobs.push(job) - 1;
      this.#numbers.set(job, number);
    }
    if (this.#length === this.#job.length) this.#grow();
    this.#job[this.#length] = number;
    this.#event[this.#length++] = event;
  }

  #grow(): void {
    this.#job = doubled(this.#job);
    this.#event = doubled(this.#event);
  }
}

function startsOf({ length, job }: Mentions, jobs: number): Int32Array {
  const starts = new Int32Array(jobs + 1);
  for (let at = 0; at < length; at++) {
    const next = (job[at] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let log = 0; log < jobs; log++) {
    starts[log + 1] = (starts[log + 1] as number) + (starts[log] as number);
  }
  return starts;
}

/** A counting sort by job, which keeps the order of events. */
function entriesOf({ length, job, event }: Mentions, starts: Int32Array): Int32Array {
  const entries = new Int32Array(length);
  const cursors = starts.slice();
  for (let at = 0; at < length; at++) {
    const log = job[at] as number;
    const cursor = cursors[log] as number;
    entries[cursor] = event[at] as number;
    cursors[log] = cursor + 1;
  }
  return entries;
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(column.length * 2);
  grown.set(column);
  return grown;
}
