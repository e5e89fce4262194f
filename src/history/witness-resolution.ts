import type { ClaimDetail, Operation, RescueDetail } from "./event.ts";
import { BotClaims } from "./witness-claims.ts";
import { OperationTimes } from "./witness-times.ts";
import type { RoundHistory } from "./witness-times.ts";
import { Transitions } from "./witness-transitions.ts";
import type { TransitionKind } from "./witness-transitions.ts";
import type { RoundWitness } from "./witness.ts";

/** Of an operation whose answer was lost. `not known`: the witness is not whole, and shows no sign of it. */
export type Truth = "happened" | "did not happen" | "not known";

/** A grant that no answer to its bot ever named: neither a claim's nor a resume's. */
export interface UnheardGrant {
  /** Index of the change in the witness. */
  readonly change: number;
  readonly job: number;
  readonly attempt: number;
  readonly bot: number;
  /** The claim that it must have been; null: the bot had no claim whose answer was lost, so it was told otherwise. */
  readonly operation: number | null;
}

export interface Resolution {
  /** Null: the operation is no claim, start, complete or fail, or its answer came. */
  truth(operation: number): Truth | null;
  /** In commit order. */
  readonly unheard: readonly UnheardGrant[];
  /**
   * Operations that were answered `ok` and that the database knows nothing of. Empty where the witness is not whole.
   */
  readonly unwitnessed: readonly number[];
}

/**
 * Says of every claim, start, complete and fail whose answer was lost, or that is still open, whether it happened.
 *
 * First every answer that came takes the transition that it tells of: of that job, by that bot, under that attempt, at
 * a time when the operation was in flight. What transitions are left belong to operations whose answers were lost:
 * each goes to the one during which it was committed. An operation that none is left for did not happen.
 *
 * Linear in events and changes: a transition is looked for among those of its own job and kind only.
 * Where settles are not fenced and two of one job overlap, which of them it was can be beyond anybody's knowledge.
 */
export function resolveUnknowns(history: RoundHistory, witness: RoundWitness): Resolution {
  const resolving = new Resolving(history, witness);
  resolving.takeAnswers();
  resolving.giveSettles();
  resolving.giveGrants();
  return resolving.resolution();
}

const none = -1;

/** What an answer tells of. A rescue's takes the release that would else be taken for a bot's own. */
const told: Partial<Record<Operation, TransitionKind>> = {
  start: "start",
  complete: "complete",
  fail: "release",
  rescue: "release",
};

const settleKinds = ["start", "complete", "release"] as const;

const resolvable: ReadonlySet<Operation> = new Set<Operation>([
  "claim",
  "start",
  "complete",
  "fail",
]);

/** What a transition must be to be taken by an operation; -1: any. */
interface Wanted {
  readonly kind: TransitionKind;
  readonly job: number;
  readonly attempt: number;
  readonly bot: number;
}

class Resolving {
  readonly #history: RoundHistory;
  readonly #witness: RoundWitness;
  readonly #transitions: Transitions;
  readonly #times: OperationTimes;
  /** By transition: an answer has told its bot of it. */
  readonly #isTold: Uint8Array;
  /** By transition: a claim's own answer has, so it is nobody else's. */
  readonly #isTaken: Uint8Array;
  /** By operation: a transition that no answer tells of was found to be its. */
  readonly #hasHappened: Uint8Array;
  readonly #unheard: UnheardGrant[] = [];
  readonly #unwitnessed: number[] = [];
  /** By job whose row was deleted, when; a claim that a deletion was is taken out. */
  readonly #deleted: Map<number, number>;

  constructor(history: RoundHistory, witness: RoundWitness) {
    this.#history = history;
    this.#witness = witness;
    this.#transitions = new Transitions(witness);
    this.#times = new OperationTimes(history, witness.uncertaintyNs);
    this.#isTold = new Uint8Array(this.#transitions.length);
    this.#isTaken = new Uint8Array(this.#transitions.length);
    this.#hasHappened = new Uint8Array(history.operations.length);
    this.#deleted = deletedJobs(witness);
  }

  takeAnswers(): void {
    const { operations } = this.#history;
    const unfenced = new Map<number, number[]>();
    for (let operation = 0; operation < operations.length; operation++) {
      if (operations.outcome(operation) !== "ok") continue;
      const op = operations.op(operation);
      if (op === "claim" || op === "resume") this.#takeGrants(operation, op);
      if (op === "rescue") this.#takeRescued(operation);
      const kind = told[op];
      if (kind === undefined || operations.job(operation) === none) continue;
      if (operations.attempt(operation) !== none) this.#takeFenced(operation, kind);
      else addTo(unfenced, operations.job(operation), operation);
    }
    for (const [job, answered] of unfenced) this.#takeUnfenced(job, answered);
    this.#unwitnessed.sort((left, right) => left - right);
  }

  /** Starts, completions and releases that no answer tells of. Only few operations can have been each. */
  giveSettles(): void {
    const lost = this.#lostByJob();
    if (lost.size === 0) return;
    const transitions = this.#transitions;
    for (let transition = 0; transition < transitions.length; transition++) {
      const kind = transitions.kind(transition);
      if (kind === "grant" || this.#isTaken[transition] === 1) continue;
      const candidates = lost.get(transitions.job(transition)) ?? [];
      const operation = this.#nearest(transition, candidates);
      if (operation !== none) this.#hasHappened[operation] = 1;
    }
  }

  /** Grants that no claim's answer tells of; of some of them the bot learnt later, by asking what it holds. */
  giveGrants(): void {
    const transitions = this.#transitions;
    const claims = new BotClaims(this.#history, this.#times);
    for (let transition = 0; transition < transitions.length; transition++) {
      if (transitions.kind(transition) !== "grant" || this.#isTaken[transition] === 1) continue;
      const [bot, at] = [transitions.bot(transition), transitions.at(transition)];
      const operation = claims.give({ bot, at, xid: transitions.xid(transition) });
      if (operation !== none) this.#hasHappened[operation] = 1;
      if (this.#isTold[transition] === 0) this.#addUnheard(transition, operation);
    }
  }

  resolution(): Resolution {
    const { operations } = this.#history;
    const otherwise: Truth = this.#witness.isWhole ? "did not happen" : "not known";
    return {
      truth: (operation) => {
        const isLost = operations.outcome(operation) === "unknown";
        if (!isLost || !resolvable.has(operations.op(operation))) return null;
        return this.#hasHappened[operation] === 1 ? "happened" : otherwise;
      },
      unheard: this.#unheard,
      unwitnessed: this.#witness.isWhole ? this.#unwitnessed : [],
    };
  }

  #takeGrants(operation: number, op: "claim" | "resume"): void {
    const { operations, events } = this.#history;
    const detail = events.detail(operations.complete(operation)) as ClaimDetail | undefined;
    const more = detail?.more ?? [];
    const first = { job: operations.job(operation), attempt: operations.attempt(operation) };
    const bot = operations.bot(operation);
    for (const { job, attempt } of [first, ...more]) {
      const wanted = { kind: "grant", job, attempt: attempt ?? none, bot } as const;
      const transition = this.#find(operation, wanted);
      if (transition !== none) {
        this.#isTold[transition] = 1;
        if (op === "claim") this.#isTaken[transition] = 1;
      } else if (op === "claim" && !this.#takeDeletion(operation, job)) {
        this.#unwitnessed.push(operation);
      }
    }
  }

  /** A claim may take the job out of the table (DELETE … RETURNING): once, and then nobody else can have. */
  #takeDeletion(operation: number, job: number): boolean {
    const at = this.#deleted.get(job);
    if (at === undefined || !this.#times.wasInFlight(operation, at, "grant")) return false;
    return this.#deleted.delete(job);
  }

  /** The releases of the claims that a rescue's answer names; one that names a single job does it like a settle. */
  #takeRescued(operation: number): void {
    const { operations, events } = this.#history;
    const detail = events.detail(operations.complete(operation)) as RescueDetail | undefined;
    for (const { job, attempt = none, bot = none } of detail?.jobs ?? []) {
      const transition = this.#find(operation, { kind: "release", job, attempt, bot });
      if (transition !== none) this.#isTaken[transition] = 1;
    }
  }

  #takeFenced(operation: number, kind: TransitionKind): void {
    const { operations } = this.#history;
    const [job, attempt] = [operations.job(operation), operations.attempt(operation)];
    const transition = this.#find(operation, {
      kind,
      job,
      attempt,
      bot: operations.bot(operation),
    });
    if (transition !== none) this.#isTaken[transition] = 1;
    else this.#unwitnessed.push(operation);
  }

  /**
   * Without an attempt several bots' answers can be about one transition. Each goes, in commit order, to the answer
   * that came first of those it can be: so none is left without, if there is any way for all to have one.
   */
  #takeUnfenced(job: number, answered: readonly number[]): void {
    const left = new Set(
      answered.toSorted((one, other) => this.#times.endedAt(one) - this.#times.endedAt(other)),
    );
    for (const kind of settleKinds) {
      let transition = this.#transitions.first(job, kind);
      for (; transition !== none; transition = this.#transitions.next(transition)) {
        const operation = this.#firstOf(left, transition);
        if (operation === undefined) continue;
        this.#isTaken[transition] = 1;
        left.delete(operation);
      }
    }
    this.#unwitnessed.push(...left);
  }

  #firstOf(answered: ReadonlySet<number>, transition: number): number | undefined {
    const { operations } = this.#history;
    const [kind, at] = [this.#transitions.kind(transition), this.#transitions.at(transition)];
    if (this.#isTaken[transition] === 1) return undefined;
    for (const operation of answered) {
      const isOfKind = told[operations.op(operation)] === kind;
      if (!isOfKind || !this.#canBeBy(transition, operations.bot(operation))) continue;
      if (this.#times.wasInFlight(operation, at, kind)) return operation;
    }
    return undefined;
  }

  #canBeBy(transition: number, bot: number): boolean {
    const transitions = this.#transitions;
    return (
      bot === none || transitions.bot(transition) === bot || !transitions.isBotCertain(transition)
    );
  }

  /** The first free transition that the operation's answer can be about; one that certainly was its bot's before others. */
  #find(operation: number, wanted: Wanted): number {
    const transitions = this.#transitions;
    let other = none;
    let transition = transitions.first(wanted.job, wanted.kind);
    for (; transition !== none; transition = transitions.next(transition)) {
      if (this.#isTaken[transition] === 1 || !this.#isOfAttempt(transition, wanted.attempt))
        continue;
      if (!this.#times.wasInFlight(operation, transitions.at(transition), wanted.kind)) continue;
      if (wanted.bot === none || transitions.bot(transition) === wanted.bot) return transition;
      if (other === none && !transitions.isBotCertain(transition)) other = transition;
    }
    return other;
  }

  #isOfAttempt(transition: number, attempt: number): boolean {
    return attempt === none || this.#transitions.attempt(transition) === attempt;
  }

  #lostByJob(): ReadonlyMap<number, readonly number[]> {
    const { operations } = this.#history;
    const lost = new Map<number, number[]>();
    for (let operation = 0; operation < operations.length; operation++) {
      if (operations.outcome(operation) !== "unknown") continue;
      const op = operations.op(operation);
      const job = operations.job(operation);
      if (!resolvable.has(op) || op === "claim" || job === none) continue;
      addTo(lost, job, operation);
    }
    return lost;
  }

  /** Of the operations that can have been the transition, the one during which it was committed, or the nearest. */
  #nearest(transition: number, candidates: readonly number[]): number {
    const { operations } = this.#history;
    const transitions = this.#transitions;
    let [nearest, distance] = [none, Number.POSITIVE_INFINITY];
    for (const operation of candidates) {
      if (this.#hasHappened[operation] === 1) continue;
      if (told[operations.op(operation)] !== transitions.kind(transition)) continue;
      if (!this.#isOfAttempt(transition, operations.attempt(operation))) continue;
      if (!this.#canBeBy(transition, operations.bot(operation))) continue;
      const away = this.#times.distance(operation, transitions.at(transition));
      if (away < distance) [nearest, distance] = [operation, away];
    }
    return nearest;
  }

  #addUnheard(transition: number, operation: number): void {
    const transitions = this.#transitions;
    this.#unheard.push({
      change: transitions.change(transition),
      job: transitions.job(transition),
      attempt: transitions.attempt(transition),
      bot: transitions.bot(transition),
      operation: operation === none ? null : operation,
    });
  }
}

/** A job's number is given once, so its row is deleted once. */
function deletedJobs({ changes, from, to }: RoundWitness): Map<number, number> {
  const deleted = new Map<number, number>();
  for (let change = from; change < to; change++) {
    if (changes.of(change) !== "job" || changes.kind(change) !== "delete") continue;
    deleted.set(changes.job(change) as number, changes.at(change));
  }
  return deleted;
}

function addTo(lists: Map<number, number[]>, key: number, operation: number): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [operation]);
  else known.push(operation);
}
