import type { EventTable } from "./event-table.ts";
import { operations } from "./event.ts";
import type { EventType, Operation } from "./event.ts";
import { NumberMap } from "./number-map.ts";

/** Events `from` (inclusive) to `to` (exclusive) of a table. */
export interface EventWindow {
  readonly events: EventTable;
  readonly from: number;
  readonly to: number;
}

const none = -1;

/**
 * The operations of a window: each invoke joined with its completion, numbered 0, 1, 2 … by their beginning.
 *
 * ```
 *   bot 3   claim invoke ───────── claim ok        operation 0: invoke 0, complete 2
 *   bot 4        claim invoke ──────── (nothing)   operation 1: invoke 1, complete -1: its outcome is unknown
 * ```
 *
 * A bot does one thing at a time, so an invoke ends whatever the bot left open, and a completion belongs to what the
 * bot has open. A completion that nothing opened, as other systems write them, is an operation without duration.
 */
export class Operations {
  readonly length: number;
  readonly #events: EventTable;
  readonly #from: number;
  readonly #invoke: Int32Array;
  readonly #complete: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #operationOf: Int32Array;

  constructor(window: EventWindow) {
    const columns = pair(window);
    this.#events = window.events;
    this.#from = window.from;
    this.length = columns.length;
    this.#invoke = columns.invoke;
    this.#complete = columns.complete;
    this.#next = columns.next;
    this.#previous = columns.previous;
    this.#operationOf = columns.operationOf;
  }

  /** Index of the event that began the operation. */
  invoke(operation: number): number {
    return this.#invoke[operation] as number;
  }

  /** Index of the event that ended it; -1: still open at the end of the window. */
  complete(operation: number): number {
    return this.#complete[operation] as number;
  }

  /** The next operation of the same bot; -1: none. */
  next(operation: number): number {
    return this.#next[operation] as number;
  }

  /** The operation of the same bot before it; -1: none. */
  previous(operation: number): number {
    return this.#previous[operation] as number;
  }

  op(operation: number): Operation {
    return this.#events.op(this.invoke(operation));
  }

  bot(operation: number): number {
    return this.#events.bot(this.invoke(operation));
  }

  /** How it ended; one that is still open may have happened. */
  outcome(operation: number): EventType {
    const complete = this.complete(operation);
    return complete === none ? "unknown" : this.#events.type(complete);
  }

  /** The job it was about: what the answer says, else what was asked; -1 where neither names one. */
  job(operation: number): number {
    const complete = this.complete(operation);
    const answered = complete === none ? none : this.#events.job(complete);
    return answered === none ? this.#events.job(this.invoke(operation)) : answered;
  }

  /** Likewise. */
  attempt(operation: number): number {
    const complete = this.complete(operation);
    const answered = complete === none ? none : this.#events.attempt(complete);
    return answered === none ? this.#events.attempt(this.invoke(operation)) : answered;
  }

  /** Nanoseconds from invoke to completion; NaN for an operation still open. */
  durationNs(operation: number): number {
    const complete = this.complete(operation);
    if (complete === none) return Number.NaN;
    return this.#events.t(complete) - this.#events.t(this.invoke(operation));
  }

  /** The operation that an event begins or ends; -1 for notes and events outside the window. */
  at(event: number): number {
    return this.#operationOf[event - this.#from] ?? none;
  }
}

interface Columns {
  readonly length: number;
  readonly invoke: Int32Array;
  readonly complete: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly operationOf: Int32Array;
}

function pair({ events, from, to }: EventWindow): Columns {
  const operationOf = new Int32Array(to - from).fill(none);
  const invoke = new Int32Array(to - from);
  const complete = new Int32Array(to - from).fill(none);
  const next = new Int32Array(to - from).fill(none);
  const previous = new Int32Array(to - from).fill(none);
  const latest = new Latest();
  let length = 0;
  for (let event = from; event < to; event++) {
    const type = events.type(event);
    if (type === "info") continue;
    const actor = actorOf(events, event);
    const before = latest.of(actor);
    const isEnd =
      type !== "invoke" &&
      before !== none &&
      complete[before] === none &&
      events.op(invoke[before] as number) === events.op(event);
    const operation = isEnd ? before : length++;
    if (!isEnd) {
      invoke[operation] = event;
      previous[operation] = before;
      if (before !== none) next[before] = operation;
      latest.set(actor, operation);
    }
    if (type !== "invoke") complete[operation] = event;
    operationOf[event - from] = operation;
  }
  const [usedInvoke, usedComplete] = [invoke.slice(0, length), complete.slice(0, length)];
  const [usedNext, usedPrevious] = [next.slice(0, length), previous.slice(0, length)];
  return {
    length,
    invoke: usedInvoke,
    complete: usedComplete,
    next: usedNext,
    previous: usedPrevious,
    operationOf,
  };
}

/** Bots, and one actor for each kind of operation that the harness does without a bot: below zero. */
function actorOf(events: EventTable, event: number): number {
  const bot = events.bot(event);
  return bot === none ? -1 - operations.indexOf(events.op(event)) : bot;
}

/** The latest operation of each actor. */
class Latest {
  readonly #bots = new NumberMap();
  readonly #harness = new NumberMap();

  of(actor: number): number {
    return actor < 0 ? this.#harness.get(-actor) : this.#bots.get(actor);
  }

  set(actor: number, operation: number): void {
    if (actor < 0) this.#harness.set(-actor, operation);
    else this.#bots.set(actor, operation);
  }
}
