import { eventTypes, operations } from "./event.ts";
import type { ClaimDetail, Detail, EventType, HistoryEvent, Operation } from "./event.ts";

export type NewEvent = Omit<HistoryEvent, "i">;

const none = -1;

/** Events come in blocks: a table that grows by copying would stop the bots for as long as the copy takes. */
const blockBits = 12;
const blockSize = 1 << blockBits;
const withinBlock = blockSize - 1;
/** An exploration has a table of a few dozen for every schedule: the first block is small until it is full. */
const fewest = 64;

/** Beside the number of its type, a bit that tells whether an event has a detail to look up. */
const typeBits = 0b0111;
const hasDetail = 0b1000;

/**
 * Events in columns of numbers: 30 bytes an event where objects take several hundred, and a check that reads only
 * `op` and `t` touches only those.
 *
 * An event's index is its place in the order of recording. It is also its `i`, unless the history was read from a
 * file whose numbering has gaps: then `event(index).i` is the file's number, so that evidence can be found there.
 */
export class EventTable {
  #length = 0;
  readonly #blocks: Block[] = [];
  readonly #codes: string[] = [];
  readonly #codeNumbers = new Map<string, number>();
  readonly #details = new Map<number, Detail>();
  readonly #notes: number[] = [];

  get length(): number {
    return this.#length;
  }

  /** Appends, and returns the event's index. `number` is its `i`, where that is not the index. */
  push(event: NewEvent, number: number = this.#length): number {
    const index = this.pushAt(event.t, event);
    const at = index & withinBlock;
    if (number !== index) (this.#block(index).number ??= sequence(index - at))[at] = number;
    return index;
  }

  /** Appends what was seen at `t`, and returns the event's index. Apart from `push`, so that no event is copied to be stamped. */
  pushAt(t: number, event: Omit<NewEvent, "t">): number {
    const index = this.#length++;
    const at = index & withinBlock;
    if (at === 0) this.#blocks.push(newBlock(index === 0 ? fewest : blockSize));
    else if (index === fewest) this.#blocks[0] = widened(this.#block(0));
    const block = this.#block(index);
    block.t[at] = t;
    block.op[at] = operationNumbers[event.op];
    block.type[at] = typeNumbers[event.type];
    block.bot[at] = event.bot ?? none;
    block.job[at] = event.job ?? none;
    block.attempt[at] = event.attempt ?? none;
    block.code[at] = event.code === undefined ? none : this.#codeNumber(event.code);
    if (event.detail !== undefined) this.#pushDetail(index, event.detail);
    if (event.type === "info") this.#notes.push(index);
    return index;
  }

  /** Nanoseconds since the run began. */
  t(index: number): number {
    return this.#block(index).t[index & withinBlock] as number;
  }

  op(index: number): Operation {
    return operations[this.#block(index).op[index & withinBlock] as number] as Operation;
  }

  type(index: number): EventType {
    const type = this.#block(index).type[index & withinBlock] as number;
    return eventTypes[type & typeBits] as EventType;
  }

  /** -1 where the event has none; likewise `job` and `attempt`. */
  bot(index: number): number {
    return this.#block(index).bot[index & withinBlock] as number;
  }

  job(index: number): number {
    return this.#block(index).job[index & withinBlock] as number;
  }

  attempt(index: number): number {
    return this.#block(index).attempt[index & withinBlock] as number;
  }

  code(index: number): string | undefined {
    return this.#codes[this.#block(index).code[index & withinBlock] as number];
  }

  /** When a claim was meant to start; undefined where load is not scheduled. */
  intendedAt(index: number): number | undefined {
    return (this.detail(index) as ClaimDetail | undefined)?.intendedAt;
  }

  detail(index: number): Detail | undefined {
    const block = this.#block(index);
    const at = index & withinBlock;
    if (((block.type[at] as number) & hasDetail) !== 0) return this.#details.get(index);
    const intendedAt = block.intendedAt?.[at];
    return intendedAt === undefined || Number.isNaN(intendedAt) ? undefined : { intendedAt };
  }

  /** Indexes of the events of type `info` from `from` up to, not including, `to`: few among many. */
  notes(from: number, to: number): readonly number[] {
    return this.#notes.slice(this.#notesBefore(from), this.#notesBefore(to));
  }

  /** The event as an object, to print or to put into evidence. */
  event(index: number): HistoryEvent {
    const fields = {
      i: this.number(index),
      t: this.t(index),
      op: this.op(index),
      type: this.type(index),
      bot: present(this.bot(index)),
      job: present(this.job(index)),
      attempt: present(this.attempt(index)),
      code: this.code(index),
      detail: this.detail(index),
    };
    return Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as unknown as HistoryEvent;
  }

  /** The event's `i`. */
  number(index: number): number {
    return this.#block(index).number?.[index & withinBlock] ?? index;
  }

  #block(index: number): Block {
    return this.#blocks[index >>> blockBits] as Block;
  }

  /** Scheduled load gives every claim a detail of this one number: in a column it takes 8 bytes. */
  #pushDetail(index: number, detail: Detail): void {
    const block = this.#block(index);
    if (!isIntendedAtOnly(detail)) {
      this.#details.set(index, detail);
      block.type[index & withinBlock] = (block.type[index & withinBlock] as number) | hasDetail;
      return;
    }
    block.intendedAt ??= new Float64Array(blockSize).fill(Number.NaN);
    block.intendedAt[index & withinBlock] = detail.intendedAt;
  }

  #codeNumber(code: string): number {
    const known = this.#codeNumbers.get(code);
    if (known !== undefined) return known;
    const number = this.#codes.push(code) - 1;
    this.#codeNumbers.set(code, number);
    return number;
  }

  /** How many notes have an index below `index`, by bisection. */
  #notesBefore(index: number): number {
    let [low, high] = [0, this.#notes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#notes[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A fixed number of events, column by column. The last two columns are made when an event first needs them. */
interface Block {
  readonly t: Float64Array;
  readonly job: Float64Array;
  readonly attempt: Int32Array;
  readonly bot: Int32Array;
  readonly code: Int32Array;
  readonly op: Uint8Array;
  readonly type: Uint8Array;
  intendedAt: Float64Array | undefined;
  number: Float64Array | undefined;
}

const operationNumbers = numbered(operations);
const typeNumbers = numbered(eventTypes);

function newBlock(size: number): Block {
  return {
    t: new Float64Array(size),
    job: new Float64Array(size),
    attempt: new Int32Array(size),
    bot: new Int32Array(size),
    code: new Int32Array(size),
    op: new Uint8Array(size),
    type: new Uint8Array(size),
    intendedAt: undefined,
    number: undefined,
  };
}

/** What was few has become many. */
function widened(block: Block): Block {
  const wide = newBlock(blockSize);
  wide.t.set(block.t);
  wide.job.set(block.job);
  wide.attempt.set(block.attempt);
  wide.bot.set(block.bot);
  wide.code.set(block.code);
  wide.op.set(block.op);
  wide.type.set(block.type);
  wide.intendedAt = block.intendedAt;
  wide.number = block.number;
  return wide;
}

function sequence(from: number): Float64Array {
  return new Float64Array(blockSize).map((_, at) => from + at);
}

function present(value: number): number | undefined {
  return value === none ? undefined : value;
}

function isIntendedAtOnly(detail: Detail): detail is { readonly intendedAt: number } {
  if (!("intendedAt" in detail) || detail.intendedAt === undefined) return false;
  return Object.keys(detail).length === 1;
}

function numbered<K extends string>(names: readonly K[]): Readonly<Record<K, number>> {
  const entries = names.map((name, number) => [name, number] as const);
  return Object.fromEntries(entries) as Record<K, number>;
}
