import { unreachable } from "../base/assert.ts";
import type { Transaction } from "../service/strategy.ts";

/**
 * What a step touches, as far as it decides whether two steps of different bots may be swapped. Tables by name; a key
 * where one row is all that is touched of it.
 */
export interface Footprint {
  /** Nothing is known of the step: it may be swapped with none. */
  readonly isOpaque: boolean;
  /** Tables whose committed rows it looks at. */
  readonly reads: readonly Place[];
  /** Tables whose rows it locks or changes. */
  readonly locks: readonly Place[];
  /** Tables of which it makes changes visible, or lets locks go. */
  readonly publishes: readonly Place[];
}

/** A table, or one row of it. `*` is every table there is. */
export interface Place {
  readonly table: string;
  readonly key?: number | undefined;
}

/** What a statement touches whoever runs it, before it is known in what transaction. */
export interface StatementEffect {
  readonly isOpaque: boolean;
  readonly reads: readonly Place[];
  readonly locks: readonly Place[];
  /** Tables that it only adds rows to, where nobody can wait for a row that is not there yet. */
  readonly adds: readonly Place[];
  /** What it lets go of by itself, whatever becomes of its transaction. */
  readonly publishes: readonly Place[];
}

export const everywhere: Place = { table: "*" };
export const nothing: Footprint = { isOpaque: false, reads: [], locks: [], publishes: [] };
export const opaque: Footprint = { ...nothing, isOpaque: true };

/** How a transaction sees the others, and what it has touched so far. */
export interface OpenTransaction {
  readonly level: Exclude<Transaction, "none">;
  /** Its first statement has taken the snapshot. */
  readonly hasBegun: boolean;
  readonly isOpaque: boolean;
  readonly touched: readonly Place[];
}

/**
 * A statement inside a transaction. At READ COMMITTED every statement looks anew. At REPEATABLE READ the first one looks
 * at everything, for good, so that later reads see nothing new, and what others commit can only make a change fail. At
 * SERIALIZABLE a read of one and a change of another are in conflict whichever comes first, and so are commits: there
 * only two reads may be swapped.
 */
export function statementIn(transaction: OpenTransaction, effect: StatementEffect): Footprint {
  const { reads, locks, adds, publishes } = effect;
  if (effect.isOpaque || transaction.isOpaque) return opaque;
  switch (transaction.level) {
    case "read committed":
      return { ...nothing, reads, locks, publishes };
    case "repeatable read":
      return { ...nothing, reads: transaction.hasBegun ? [] : [everywhere], locks, publishes };
    case "serializable":
      if (locks.length + adds.length > 0) return opaque;
      return { ...nothing, reads: [everywhere] };
    default:
      return unreachable(transaction.level);
  }
}

/** COMMIT and ROLLBACK. `checksLate`: constraints or triggers wait for the commit, which then reads and locks as well. */
export function endOf(transaction: OpenTransaction, checksLate: boolean): Footprint {
  if (transaction.isOpaque || transaction.level === "serializable") return opaque;
  const { touched } = transaction;
  if (touched.length === 0) return nothing;
  if (checksLate) return opaque;
  return { ...nothing, publishes: touched };
}

/** Whether it commutes with every step there is, so that it need not be a step of its own. */
export function isNothing({ isOpaque, reads, locks, publishes }: Footprint): boolean {
  return !isOpaque && reads.length + locks.length + publishes.length === 0;
}

/**
 * Whether swapping two steps of different bots may change what either sees or what they leave behind:
 *
 * - both lock or change the same: who is first gets it;
 * - one publishes what the other looks at or wants to lock.
 *
 * A plain read and somebody's uncommitted change may be swapped, and so may two commits: nobody sees the difference.
 */
export function areDependent(one: Footprint, other: Footprint): boolean {
  if (isNothing(one) || isNothing(other)) return false;
  if (one.isOpaque || other.isOpaque) return true;
  return (
    overlap(one.locks, other.locks) ||
    overlap(one.publishes, other.reads) ||
    overlap(one.publishes, other.locks) ||
    overlap(other.publishes, one.reads) ||
    overlap(other.publishes, one.locks)
  );
}

export function overlap(some: readonly Place[], others: readonly Place[]): boolean {
  return some.some((one) => others.some((other) => isSame(one, other)));
}

function isSame(one: Place, other: Place): boolean {
  if (one.table === "*" || other.table === "*") return true;
  if (one.table !== other.table) return false;
  return one.key === undefined || other.key === undefined || one.key === other.key;
}

/** The footprint of steps that happen as one. */
export function joinedFootprint(footprints: readonly Footprint[]): Footprint {
  const [first] = footprints;
  if (footprints.length === 1 && first !== undefined) return first;
  return {
    isOpaque: footprints.some(({ isOpaque }) => isOpaque),
    reads: distinct(footprints.flatMap(({ reads }) => reads)),
    locks: distinct(footprints.flatMap(({ locks }) => locks)),
    publishes: distinct(footprints.flatMap(({ publishes }) => publishes)),
  };
}

/** A place in the tree is joined again and again with what came of the same step. */
function distinct(places: readonly Place[]): readonly Place[] {
  return places.filter(
    ({ table, key }, at) =>
      !places.slice(0, at).some((other) => other.table === table && other.key === key),
  );
}
