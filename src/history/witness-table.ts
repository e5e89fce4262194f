import { changeKinds } from "./witness-change.ts";
import type { ChangeKind, NewChange, WitnessChange } from "./witness-change.ts";

/** Changes come in blocks: a table that grows by copying would hold everything twice while it copies. */
const blockBits = 12;
const blockSize = 1 << blockBits;
const withinBlock = blockSize - 1;
/** An exploration has a table of a few dozen for every schedule: the first block is small until it is full. */
const fewest = 64;

const subjects = ["job", "bot", "effect"] as const;
type Subject = (typeof subjects)[number];

/** Stands for null in columns of whole numbers; a bot may well point at job -1, so no number can. */
const absent = Number.NaN;

/**
 * Committed changes in columns of numbers: 46 bytes a change, and 8 more where leases are told. A change's index is its place in commit order; it is
 * also its `n`, unless the file that it was read from has gaps.
 */
export class WitnessTable {
  #length = 0;
  readonly #blocks: Block[] = [];
  readonly #statuses: string[] = [];
  readonly #statusNumbers = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  /** Appends, and returns the change's index. `number` is its `n`, where that is not the index. */
  push(change: NewChange, number: number = this.#length): number {
    const index = this.#length++;
    const at = index & withinBlock;
    if (at === 0) this.#blocks.push(newBlock(index === 0 ? fewest : blockSize));
    else if (index === fewest) this.#blocks[0] = widened(this.#block(0));
    const block = this.#block(index);
    block.xid[at] = change.xid;
    block.at[at] = change.at;
    block.round[at] = change.round;
    block.of[at] = subjects.indexOf(change.of);
    block.kind[at] = change.of === "effect" ? 0 : changeKinds.indexOf(change.kind);
    block.job[at] = change.job ?? absent;
    block.bot[at] = change.bot ?? absent;
    block.attempt[at] = change.of === "bot" ? 0 : (change.attempt ?? 0);
    block.value[at] = this.#valueOf(change);
    if (change.of === "job" && change.leaseUntil !== undefined) {
      (block.leaseUntil ??= unknownTimes())[at] = change.leaseUntil;
    }
    if (change.of === "job" && change.dueAt !== undefined) this.setDue(index, change.dueAt);
    if (number !== index) (block.number ??= sequence(index - at))[at] = number;
    return index;
  }

  /** A transaction's time is known only when it ends, after its changes have been taken down. */
  setTime(index: number, at: number): void {
    this.#block(index).at[index & withinBlock] = at;
  }

  /** Likewise: whether a job must wait is known when it is known when that began. */
  setDue(index: number, dueAt: number): void {
    (this.#block(index).dueAt ??= unknownTimes())[index & withinBlock] = dueAt;
  }

  /** Forgets the changes from `length` on: those of a transaction whose end was never told. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
    this.#blocks.length = Math.ceil(this.#length / blockSize);
    const last = this.#blocks.at(-1);
    last?.leaseUntil?.fill(absent, this.#length & withinBlock || blockSize);
    last?.dueAt?.fill(absent, this.#length & withinBlock || blockSize);
  }

  of(index: number): Subject {
    return subjects[this.#block(index).of[index & withinBlock] as number] as Subject;
  }

  /** Effects are only ever inserted. */
  kind(index: number): ChangeKind {
    return changeKinds[this.#block(index).kind[index & withinBlock] as number] as ChangeKind;
  }

  round(index: number): number {
    return this.#block(index).round[index & withinBlock] as number;
  }

  xid(index: number): number {
    return this.#block(index).xid[index & withinBlock] as number;
  }

  /** Nanoseconds on the history's clock; NaN where that is not known. */
  at(index: number): number {
    return this.#block(index).at[index & withinBlock] as number;
  }

  /** The job; of a bot, the one it points at. */
  job(index: number): number | null {
    return present(this.#block(index).job[index & withinBlock] as number);
  }

  /** The bot; of a job, the one that holds it. */
  bot(index: number): number | null {
    return present(this.#block(index).bot[index & withinBlock] as number);
  }

  /** Of a job or an effect. */
  attempt(index: number): number | null {
    const hasAttempt = this.of(index) === "effect" || this.status(index) !== null;
    return hasAttempt ? (this.#block(index).attempt[index & withinBlock] as number) : null;
  }

  /** Of a job; null for one that was deleted, and for bots and effects. */
  status(index: number): string | null {
    if (this.of(index) !== "job") return null;
    return this.#statuses[this.#block(index).value[index & withinBlock] as number] ?? null;
  }

  /** Of an effect; null for jobs and bots. */
  value(index: number): number | null {
    if (this.of(index) !== "effect") return null;
    return this.#block(index).value[index & withinBlock] as number;
  }

  /** When the lease of a job that is held runs out; NaN: it has none, or that is not told. */
  leaseUntil(index: number): number {
    return this.#block(index).leaseUntil?.[index & withinBlock] ?? Number.NaN;
  }

  /** Until when a pending job must wait; NaN: it need not. */
  dueAt(index: number): number {
    return this.#block(index).dueAt?.[index & withinBlock] ?? Number.NaN;
  }

  /** The change's `n`. */
  number(index: number): number {
    return this.#block(index).number?.[index & withinBlock] ?? index;
  }

  /** The change as an object, to print or to put into evidence. */
  change(index: number): WitnessChange {
    const committed = {
      n: this.number(index),
      round: this.round(index),
      xid: this.xid(index),
      at: this.at(index),
    };
    const [of, job, bot] = [this.of(index), this.job(index), this.bot(index)];
    if (of === "effect") {
      const [attempt, value] = [this.attempt(index), this.value(index)];
      return { ...committed, of, job, attempt, bot, value } as WitnessChange;
    }
    const kind = this.kind(index);
    if (of === "bot") return { ...committed, of, kind, bot, job } as WitnessChange;
    const [status, attempt] = [this.status(index), this.attempt(index)];
    const [leaseUntil, dueAt] = [this.leaseUntil(index), this.dueAt(index)];
    const times = {
      ...(Number.isNaN(leaseUntil) ? {} : { leaseUntil }),
      ...(Number.isNaN(dueAt) ? {} : { dueAt }),
    };
    return { ...committed, of, kind, job, status, bot, attempt, ...times } as WitnessChange;
  }

  #block(index: number): Block {
    return this.#blocks[index >>> blockBits] as Block;
  }

  /** One column for what only jobs and what only effects have. */
  #valueOf(change: NewChange): number {
    if (change.of === "effect") return change.value;
    if (change.of === "bot" || change.status === null) return -1;
    const known = this.#statusNumbers.get(change.status);
    if (known !== undefined) return known;
    const number = this.#statuses.push(change.status) - 1;
    this.#statusNumbers.set(change.status, number);
    return number;
  }
}

/** A fixed number of changes, column by column. The last columns are made when a change first needs them. */
interface Block {
  readonly xid: Float64Array;
  readonly at: Float64Array;
  readonly job: Float64Array;
  readonly bot: Float64Array;
  readonly attempt: Int32Array;
  readonly value: Int32Array;
  readonly round: Int32Array;
  readonly of: Uint8Array;
  readonly kind: Uint8Array;
  leaseUntil: Float64Array | undefined;
  dueAt: Float64Array | undefined;
  number: Float64Array | undefined;
}

function newBlock(size: number): Block {
  return {
    xid: new Float64Array(size),
    at: new Float64Array(size),
    job: new Float64Array(size),
    bot: new Float64Array(size),
    attempt: new Int32Array(size),
    value: new Int32Array(size),
    round: new Int32Array(size),
    of: new Uint8Array(size),
    kind: new Uint8Array(size),
    leaseUntil: undefined,
    dueAt: undefined,
    number: undefined,
  };
}

/** What was few has become many. */
function widened(block: Block): Block {
  const wide = newBlock(blockSize);
  wide.xid.set(block.xid);
  wide.at.set(block.at);
  wide.job.set(block.job);
  wide.bot.set(block.bot);
  wide.attempt.set(block.attempt);
  wide.value.set(block.value);
  wide.round.set(block.round);
  wide.of.set(block.of);
  wide.kind.set(block.kind);
  wide.leaseUntil = block.leaseUntil;
  wide.dueAt = block.dueAt;
  wide.number = block.number;
  return wide;
}

function unknownTimes(): Float64Array {
  return new Float64Array(blockSize).fill(absent);
}

function sequence(from: number): Float64Array {
  return new Float64Array(blockSize).map((_, at) => from + at);
}

function present(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
