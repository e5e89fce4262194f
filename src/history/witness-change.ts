/**
 * What the database itself recorded: every committed change of jobs, bots and effects, in commit order, one a line of
 * `witness.ndjson`. `docs/witness.md` says what may be concluded from it.
 *
 * ```
 *   history   bot 3   claim invoke ────────────── claim unknown        did it happen?
 *   witness                         job 9 → bot 3, attempt 1           it did, and bot 3 was never told
 * ```
 */
export type WitnessChange = JobChange | BotChange | EffectChange;

/** How the database was made to tell: by decoding its write-ahead log, or by triggers that write a log of their own. */
export const witnessSources = ["decoding", "audit"] as const;
export type WitnessSource = (typeof witnessSources)[number];

export const changeKinds = ["insert", "update", "delete"] as const;
export type ChangeKind = (typeof changeKinds)[number];

interface Committed {
  /** 0, 1, 2 … in commit order over the whole run; the changes of one transaction stand together. */
  readonly n: number;
  readonly round: number;
  /** The transaction; the same number in one round is the same transaction. */
  readonly xid: number;
  /**
   * When it was committed (source `audit`: changed), in nanoseconds on the clock of the history. Microseconds in the
   * database, and off by up to the round's `uncertaintyNs`: what came first is told by `n`, not by this.
   */
  readonly at: number;
}

/** A row of `jobs` as the change left it. */
export interface JobChange extends Committed {
  readonly of: "job";
  readonly kind: ChangeKind;
  readonly job: number;
  /** Null: deleted. */
  readonly status: string | null;
  /** `claimed_by`. */
  readonly bot: number | null;
  /** Null: deleted. */
  readonly attempt: number | null;
  /** Of a job that is held: when its lease runs out, in nanoseconds on the clock of the history; absent: it has none. */
  readonly leaseUntil?: number;
  /** Of one that is pending and must wait: until when, likewise; absent: it may be claimed at once. */
  readonly dueAt?: number;
}

/** A row of `bots` as the change left it. */
export interface BotChange extends Committed {
  readonly of: "bot";
  readonly kind: ChangeKind;
  readonly bot: number;
  /** `current_job_id`. */
  readonly job: number | null;
}

/** A row that was added to `effects`, which nothing is ever taken away from. */
export interface EffectChange extends Committed {
  readonly of: "effect";
  readonly job: number;
  readonly attempt: number;
  readonly bot: number;
  readonly value: number;
}

/** A change before it has its place in the order. */
export type NewChange = Omit<JobChange, "n"> | Omit<BotChange, "n"> | Omit<EffectChange, "n">;

/** The first line of `witness.ndjson`. */
export interface WitnessHeader {
  readonly format: "doubletake-witness";
  readonly version: 1;
  readonly source: WitnessSource;
}

/** The line after a round's last change. */
export interface RoundNote {
  readonly of: "round";
  readonly round: number;
  /** How many changes of the round stand above; a reader that finds fewer knows that some are missing. */
  readonly changes: number;
  /** False: the database could not tell all of it. Then what is not there may have happened all the same. */
  readonly isWhole: boolean;
  /** How far `at` may be off; null where the clocks could not be compared. */
  readonly uncertaintyNs: number | null;
  /** Why it is not whole. */
  readonly problem?: string | undefined;
}
