import { eventTypes, operations } from "./event.ts";
import type { Detail, EventType, HistoryEvent, Operation } from "./event.ts";

export type NewEvent = Omit<HistoryEvent, "i">;

const none = -1;
const initialCapacity = 1024;

/**
 * Events in columns of numbers: 34 bytes an event where objects take several hundred, and a check that reads only
 * `op` and `t` touches only those.
 */
export class EventTable {
  #length = 0;
  #t = new Float64Array(initialCapacity);
  #job = new Float64Array(initialCapacity);
  #attempt = new Int32Array(initialCapacity);
  #bot = new Int32Array(initialCapacity);
  #code = new Int32Array(initialCapacity);
  #op = new Uint8Array(initialCapacity);
  #type = new Uint8Array(initialCapacity);
  readonly #codes: string[] = [];
  readonly #codeNumbers = new Map<string, number>();
  readonly #details = new Map<number, Detail>();

  get length(): number {
    return this.#length;
  }

  /** Appends, and returns the event's index, which is its `i`. */
  push(event: NewEvent): number {
    if (this.#length === this.#t.length) this.#grow();
    const i = this.#length++;
    this.#t[i] = event.t;
    this.#op[i] = operations.indexOf(event.op);
    this.#type[i] = eventTypes.indexOf(event.type);
    this.#bot[i] = event.bot ?? none;
    this.#job[i] = event.job ?? none;
    this.#attempt[i] = event.attempt ?? none;
    this.#code[i] = event.code === undefined ? none : this.#codeNumber(event.code);
    if (event.detail !== undefined) this.#details.set(i, event.detail);
    return i;
  }

  /** Nanoseconds since the run began. */
  t(i: number): number {
    return this.#t[i] as number;
  }

  op(i: number): Operation {
    return operations[this.#op[i] as number] as Operation;
  }

  type(i: number): EventType {
    return eventTypes[this.#type[i] as number] as EventType;
  }

  /** -1 where the event has none; likewise `job` and `attempt`. */
  bot(i: number): number {
    return this.#bot[i] as number;
  }

  job(i: number): number {
    return this.#job[i] as number;
  }

  attempt(i: number): number {
    return this.#attempt[i] as number;
  }

  code(i: number): string | undefined {
    return this.#codes[this.#code[i] as number];
  }

  detail(i: number): Detail | undefined {
    return this.#details.get(i);
  }

  /** The event as an object, to print or to put into evidence. */
  event(i: number): HistoryEvent {
    const present = (value: number): number | undefined => (value === none ? undefined : value);
    const fields = {
      i,
      t: this.t(i),
      op: this.op(i),
      type: this.type(i),
      bot: present(this.bot(i)),
      job: present(this.job(i)),
      attempt: present(this.attempt(i)),
      code: this.code(i),
      detail: this.detail(i),
    };
    return Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as unknown as HistoryEvent;
  }

  #codeNumber(code: string): number {
    const known = this.#codeNumbers.get(code);
    if (known !== undefined) return known;
    const number = this.#codes.push(code) - 1;
    this.#codeNumbers.set(code, number);
    return number;
  }

  #grow(): void {
    const capacity = this.#t.length * 2;
    this.#t = extend(this.#t, new Float64Array(capacity));
    this.#job = extend(this.#job, new Float64Array(capacity));
    this.#attempt = extend(this.#attempt, new Int32Array(capacity));
    this.#bot = extend(this.#bot, new Int32Array(capacity));
    this.#code = extend(this.#code, new Int32Array(capacity));
    this.#op = extend(this.#op, new Uint8Array(capacity));
    this.#type = extend(this.#type, new Uint8Array(capacity));
  }
}

function extend<T extends { set(source: T): void }>(source: T, target: T): T {
  target.set(source);
  return target;
}
