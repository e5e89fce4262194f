import type { ClaimDetail, EnqueueDetail, JobRange, Operation } from "./event.ts";
import { NumberMap } from "./number-map.ts";
import type { EventWindow, Operations } from "./operations.ts";

/**
 * What happened to each job of a window: checks go job by job, because what happens to one says nothing about
 * another, and that keeps them linear.
 *
 * A grant stands in the log where its answer came, `claim ok` or `resume ok`: only then does the bot know. What a bot
 * asks for a job stands where it was asked, because from there on it may have happened: `start`, `complete`, `fail`,
 * `rescue`. A job that is enqueued once more has that `enqueue ok` in its log.
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
    const mentions = new Mentions(window, operations);
    const { jobs, counts } = count(mentions);
    this.#jobs = jobs;
    this.length = jobs.length;
    this.#starts = startsOf(counts, jobs.length);
    this.#entries = fill(mentions, this.#starts);
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

const grants: ReadonlySet<Operation> = new Set<Operation>(["claim", "resume"]);
const requests: ReadonlySet<Operation> = new Set<Operation>([
  "start",
  "complete",
  "fail",
  "rescue",
]);

/** Walks a window twice, once to count and once to fill; so it must find the same both times. */
class Mentions {
  readonly #window: EventWindow;
  readonly #operations: Operations;
  /** A number for each job, in the order in which they are first mentioned. */
  readonly numbers = new NumberMap();

  constructor(window: EventWindow, operations: Operations) {
    this.#window = window;
    this.#operations = operations;
  }

  each(visit: (job: number, event: number) => void): void {
    const { events, from, to } = this.#window;
    const enqueued: JobRange[] = [];
    for (let event = from; event < to; event++) {
      const type = events.type(event);
      if (type === "info") continue;
      const op = events.op(event);
      if (grants.has(op)) {
        if (type === "ok") this.#visitGrant(event, visit);
      } else if (requests.has(op)) {
        const operation = this.#operations.at(event);
        const job = this.#operations.job(operation);
        if (job !== -1 && this.#operations.invoke(operation) === event) visit(job, event);
      } else if (op === "enqueue" && type === "ok") {
        this.#visitEnqueued(event, enqueued, visit);
      }
    }
  }

  #visitGrant(event: number, visit: (job: number, event: number) => void): void {
    const { events } = this.#window;
    const job = events.job(event);
    if (job !== -1) visit(job, event);
    const more = (events.detail(event) as ClaimDetail | undefined)?.more;
    if (more !== undefined) for (const claim of more) visit(claim.job, event);
  }

  /** Only jobs that had been enqueued before: to be enqueued is how every job begins. */
  #visitEnqueued(
    event: number,
    enqueued: JobRange[],
    visit: (job: number, event: number) => void,
  ): void {
    const detail = this.#window.events.detail(event) as EnqueueDetail | undefined;
    for (const [first, last] of detail?.jobs ?? []) {
      for (const [from, to] of enqueued) {
        for (let job = Math.max(first, from); job <= Math.min(last, to); job++) visit(job, event);
      }
    }
    enqueued.push(...(detail?.jobs ?? []));
  }
}

interface Counted {
  readonly jobs: readonly number[];
  readonly counts: Int32Array;
}

function count(mentions: Mentions): Counted {
  const jobs: number[] = [];
  let counts = new Int32Array(64);
  mentions.each((job) => {
    let number = mentions.numbers.get(job);
    if (number === -1) {
      number = jobs.push(job) - 1;
      mentions.numbers.set(job, number);
      if (number === counts.length) counts = doubled(counts);
    }
    counts[number] = (counts[number] as number) + 1;
  });
  return { jobs, counts };
}

function startsOf(counts: Int32Array, length: number): Int32Array {
  const starts = new Int32Array(length + 1);
  for (let log = 0; log < length; log++) {
    starts[log + 1] = (starts[log] as number) + (counts[log] as number);
  }
  return starts;
}

function fill(mentions: Mentions, starts: Int32Array): Int32Array {
  const entries = new Int32Array(starts.at(-1) ?? 0);
  const cursors = starts.slice();
  mentions.each((job, event) => {
    const number = mentions.numbers.get(job);
    const cursor = cursors[number] as number;
    entries[cursor] = event;
    cursors[number] = cursor + 1;
  });
  return entries;
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(column.length * 2);
  grown.set(column);
  return grown;
}
