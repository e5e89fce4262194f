import type { EventTable } from "../event-table.ts";

import type { FaultDetail, Operation, RoundDetail } from "../event.ts";

/**
 * One operation as Jepsen, Elle and Knossos read it, one map a line (jepsen.history; "Op" in its docs). Keys beyond
 * these are allowed there: `bot` and `round` are ours.
 */
export interface JepsenOp {
  /** 0, 1, 2 … without gaps. */
  readonly index: number;
  /** Whole nanoseconds since the run began. */
  readonly time: number;
  readonly process: number | "nemesis";
  /** `ok` must have happened, `fail` must not have, `info` may have. */
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly f: string;
  readonly value: unknown;
  readonly error?: string;
  readonly bot?: number;
  /** Every round begins with empty tables: job 1 of the next is another job. */
  readonly round?: number;
}

/**
 * The operations of bots and harness, and the faults as those of the nemesis; other notes are left out.
 *
 * A process does one thing at a time, and one whose operation is `info` is dead: what its bot does next, another process
 * does, whose number is higher by the number of threads.
 *
 * ```
 *   bot 3   claim unknown   resume ok        process 2   :invoke :claim   :info :claim
 *                                            process 12                                  :invoke :resume   :ok :resume
 * ```
 */
export function* jepsenOps(events: EventTable): Generator<JepsenOp> {
  const processes = new Processes(events);
  let index = 0;
  let round: number | undefined;
  for (let event = 0; event < events.length; event++) {
    if (events.op(event) === "round") round = roundAfter(events, event);
    for (const op of opsOf(events, event, processes)) {
      yield { index: index++, ...op, ...(round === undefined ? {} : { round }) };
    }
  }
}

type Unnumbered = Omit<JepsenOp, "index" | "round">;

function roundAfter(events: EventTable, event: number): number | undefined {
  const detail = events.detail(event) as RoundDetail;
  return detail.event === "begin" ? detail.round : undefined;
}

function opsOf(events: EventTable, event: number, processes: Processes): readonly Unnumbered[] {
  if (events.type(event) !== "info") return clientOps(events, event, processes);
  return events.op(event) === "fault" ? [nemesisOp(events, event)] : [];
}

/** The nemesis says `info` when it begins and when it ends. */
function nemesisOp(events: EventTable, event: number): Unnumbered {
  const detail = events.detail(event) as FaultDetail;
  const time = timeOf(events, event);
  return { time, process: "nemesis", type: "info", f: detail.kind, value: detail };
}

/** An answer to a question that was not written down, as other systems leave it out, gets one at the same time. */
function clientOps(events: EventTable, event: number, processes: Processes): readonly Unnumbered[] {
  const f = events.op(event);
  const bot = events.bot(event);
  const common = { time: timeOf(events, event), f, ...(bot === none ? {} : { bot }) };
  if (events.type(event) === "invoke") {
    const process = processes.invoke(event);
    return [{ ...common, process, type: "invoke", value: valueOf(events, event) }];
  }
  const answer = answerOf(events, event);
  const { process, isNew } = processes.complete(event, answer.type);
  const asked = { ...common, process, type: "invoke", value: null } as const;
  const answered = { ...common, process, ...answer };
  return isNew ? [asked, answered] : [answered];
}

/**
 * What found nothing changed nothing, which is a `fail` by the convention of Jepsen's queues; only a bot that asked what
 * it holds has its answer.
 */
function answerOf(
  events: EventTable,
  event: number,
): Pick<JepsenOp, "value" | "error"> & { readonly type: "ok" | "fail" | "info" } {
  const value = valueOf(events, event);
  const code = events.code(event);
  const error = code === undefined ? {} : { error: code };
  const type = events.type(event);
  if (type === "ok") return { type: "ok", value };
  if (type === "unknown") return { type: "info", value, ...error };
  if (type === "failed") return { type: "fail", value, ...error };
  if (events.op(event) === "resume") return { type: "ok", value };
  return { type: "fail", value, error: "empty" };
}

/** Job, attempt and whatever the event tells more; null: nothing. */
function valueOf(events: EventTable, event: number): Readonly<Record<string, unknown>> | null {
  const job = events.job(event);
  const attempt = events.attempt(event);
  const value = {
    ...(job === none ? {} : { job }),
    ...(attempt === none ? {} : { attempt }),
    ...events.detail(event),
  };
  return Object.keys(value).length === 0 ? null : value;
}

const none = -1;

/** Other systems may measure in fractions. */
function timeOf(events: EventTable, event: number): number {
  return Math.round(events.t(event));
}

/** Numbers the threads (bots, and one for each kind of operation that the harness does itself) as they appear. */
class Processes {
  readonly #events: EventTable;
  readonly #threads = new Map<string, Thread>();

  constructor(events: EventTable) {
    this.#events = events;
    for (let event = 0; event < events.length; event++) {
      const name = this.#nameOf(event);
      if (events.type(event) === "info" || this.#threads.has(name)) continue;
      this.#threads.set(name, { process: this.#threads.size, open: undefined, isDead: false });
    }
  }

  invoke(event: number): number {
    const thread = this.#threadOf(event);
    // What is still open may have happened: its process does not come back.
    if (thread.open !== undefined || thread.isDead) this.#replace(thread);
    thread.open = this.#events.op(event);
    return thread.process;
  }

  /** `isNew`: nothing was open that it could be the answer to, so it needs an invoke of its own. */
  complete(
    event: number,
    type: "ok" | "fail" | "info",
  ): { readonly process: number; readonly isNew: boolean } {
    const thread = this.#threadOf(event);
    const isNew = thread.open !== this.#events.op(event);
    if (isNew) this.invoke(event);
    thread.open = undefined;
    thread.isDead = type === "info";
    return { process: thread.process, isNew };
  }

  #replace(thread: Thread): void {
    thread.process += this.#threads.size;
    thread.open = undefined;
    thread.isDead = false;
  }

  #threadOf(event: number): Thread {
    return this.#threads.get(this.#nameOf(event)) as Thread;
  }

  #nameOf(event: number): string {
    const bot = this.#events.bot(event);
    return bot === none ? this.#events.op(event) : `bot ${bot}`;
  }
}

interface Thread {
  process: number;
  open: Operation | undefined;
  isDead: boolean;
}
