import { NumberMap } from "./number-map.ts";
import type { RoundWitness } from "./witness.ts";

/**
 * What a change of a job's row came to. `grant`: it is held by another bot, or under another attempt, than before.
 * `start`: claimed → processing. `complete`: it has succeeded. `release`: it is not held any more, and has not
 * succeeded: failed, or returned by a rescue. Other changes (a heartbeat, a new job) are no transition.
 */
export const transitionKinds = ["grant", "start", "complete", "release"] as const;
export type TransitionKind = (typeof transitionKinds)[number];

const none = -1;

/**
 * The transitions of a round in commit order, numbered 0, 1, 2 …, and a list of them for each job and kind.
 *
 * ```
 *   job 9   pending ─ grant (bot 3, 1) ─ start ─ release ─ grant (bot 4, 2) ─ start ─ complete (bot 4)
 * ```
 */
export class Transitions {
  readonly #witness: RoundWitness;
  readonly #columns: Columns;
  readonly #jobs: NumberMap;
  /** For each job and kind the first transition, and for each transition the next of its job and kind. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(witness: RoundWitness) {
    const { columns, jobs, jobCount } = find(witness);
    this.#witness = witness;
    this.#columns = columns;
    this.#jobs = jobs;
    this.#first = new Int32Array(jobCount * transitionKinds.length).fill(none);
    this.#next = new Int32Array(columns.change.length).fill(none);
    for (let transition = this.length - 1; transition >= 0; transition--) {
      const list = this.#list(this.job(transition), this.kind(transition));
      this.#next[transition] = this.#first[list] as number;
      this.#first[list] = transition;
    }
  }

  get length(): number {
    return this.#columns.change.length;
  }

  kind(transition: number): TransitionKind {
    return transitionKinds[this.#columns.kind[transition] as number] as TransitionKind;
  }

  /** Index of the change that it was. */
  change(transition: number): number {
    return this.#columns.change[transition] as number;
  }

  job(transition: number): number {
    return this.#witness.changes.job(this.change(transition)) as number;
  }

  attempt(transition: number): number {
    return this.#witness.changes.attempt(this.change(transition)) ?? 0;
  }

  xid(transition: number): number {
    return this.#witness.changes.xid(this.change(transition));
  }

  at(transition: number): number {
    return this.#witness.changes.at(this.change(transition));
  }

  /**
   * Who did it: of a grant the new holder, of a completion the bot that its effect names. Else who held the job; where
   * settling is not fenced that need not be the one who did it (`isBotCertain`). -1: nobody held it.
   */
  bot(transition: number): number {
    return this.#columns.bot[transition] as number;
  }

  isBotCertain(transition: number): boolean {
    return this.#columns.isBotCertain[transition] === 1;
  }

  /** The first transition of a job and kind; -1: none. */
  first(job: number, kind: TransitionKind): number {
    return this.#jobs.get(job) === none ? none : (this.#first[this.#list(job, kind)] as number);
  }

  /** The next transition of the same job and kind; -1: none. */
  next(transition: number): number {
    return this.#next[transition] as number;
  }

  #list(job: number, kind: TransitionKind): number {
    return this.#jobs.get(job) * transitionKinds.length + transitionKinds.indexOf(kind);
  }
}

interface Columns {
  readonly change: number[];
  readonly kind: number[];
  readonly bot: number[];
  readonly isBotCertain: number[];
}

interface Found {
  readonly columns: Columns;
  /** A number for each job, in the order in which they first appear. */
  readonly jobs: NumberMap;
  readonly jobCount: number;
}

/** A job's row as the last change left it. */
interface JobState {
  readonly status: string | null;
  readonly bot: number | null;
  readonly attempt: number | null;
}

function find(witness: RoundWitness): Found {
  const finding = new Finding(witness);
  for (let begin = witness.from; begin < witness.to;) {
    const end = endOfTransaction(witness, begin);
    const effects = effectsOf(witness, begin, end);
    for (let change = begin; change < end; change++) finding.take(change, effects);
    begin = end;
  }
  return finding.found;
}

/** Follows the jobs' rows from change to change. */
class Finding {
  readonly #witness: RoundWitness;
  readonly #columns: Columns = { change: [], kind: [], bot: [], isBotCertain: [] };
  readonly #jobs = new NumberMap();
  readonly #states: JobState[] = [];

  constructor(witness: RoundWitness) {
    this.#witness = witness;
  }

  get found(): Found {
    return { columns: this.#columns, jobs: this.#jobs, jobCount: this.#states.length };
  }

  take(change: number, effects: ReadonlyMap<number, number> | undefined): void {
    const { changes } = this.#witness;
    const job = changes.of(change) === "job" ? (changes.job(change) ?? none) : none;
    // Rows below zero are put there by faults, and no bot is ever told of them.
    if (job < 0) return;
    const after = {
      status: changes.status(change),
      bot: changes.bot(change),
      attempt: changes.attempt(change),
    };
    const before = this.#replace(job, after);
    const by = effects?.get(job);
    const kind = kindOf(before, after, by !== undefined);
    if (kind === null) return;
    const columns = this.#columns;
    columns.change.push(change);
    columns.kind.push(transitionKinds.indexOf(kind));
    columns.bot.push((kind === "grant" ? after.bot : (by ?? before.bot)) ?? none);
    columns.isBotCertain.push(kind === "grant" || by !== undefined ? 1 : 0);
  }

  /** The state before. */
  #replace(job: number, after: JobState): JobState {
    const known = this.#jobs.get(job);
    if (known === none) {
      this.#jobs.set(job, this.#states.push(after) - 1);
      return absent;
    }
    const before = this.#states[known] as JobState;
    this.#states[known] = after;
    return before;
  }
}

const absent: JobState = { status: null, bot: null, attempt: null };

function endOfTransaction({ changes, to }: RoundWitness, begin: number): number {
  let end = begin + 1;
  while (end < to && changes.xid(end) === changes.xid(begin)) end++;
  return end;
}

/** By job, the bot that wrote its effect in this transaction; undefined where none was written. */
function effectsOf(
  { changes }: RoundWitness,
  begin: number,
  end: number,
): ReadonlyMap<number, number> | undefined {
  let effects: Map<number, number> | undefined;
  for (let change = begin; change < end; change++) {
    if (changes.of(change) !== "effect") continue;
    effects ??= new Map();
    effects.set(changes.job(change) as number, changes.bot(change) as number);
  }
  return effects;
}

function kindOf(before: JobState, after: JobState, hasEffect: boolean): TransitionKind | null {
  // A completion that changes nothing but writes its effect once more is one all the same.
  if (after.status === "succeeded") {
    return before.status === "succeeded" && !hasEffect ? null : "complete";
  }
  if (!isHeld(after)) return isHeld(before) && after.status !== null ? "release" : null;
  if (after.bot === null) return null;
  const isSameHolder =
    isHeld(before) && before.bot === after.bot && before.attempt === after.attempt;
  if (!isSameHolder || (before.status === "processing" && after.status === "claimed")) {
    return "grant";
  }
  return before.status === "claimed" && after.status === "processing" ? "start" : null;
}

function isHeld({ status }: JobState): boolean {
  return status === "claimed" || status === "processing";
}
