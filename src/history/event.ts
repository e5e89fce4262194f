import type { LoadDetail } from "./load-detail.ts";

/** What the harness notes: these, and only these, are of type `info` (see `Detail`). */
export const noteOperations = [
  "inspect",
  "round",
  "phase",
  "wave",
  "fault",
  "connection",
  "look",
] as const;

/**
 * What the bots saw, one event per line of `history.ndjson`. `docs/history-format.md` describes it for other systems.
 *
 * An operation of a bot is two events: its `invoke`, and its completion. Between them it is in flight.
 *
 * ```
 *   bot 3   claim invoke ──────────── claim ok job 9 attempt 1
 *   bot 4        claim invoke ─────────────── claim ok job 9      ← single-grant: job 9 is granted already
 * ```
 */
export const operations = [
  // What bots do. `claim`: ask for a job. `start`: claimed → processing. `resume`: ask what I hold, after an
  // operation whose outcome is unknown. `complete` and `fail` settle.
  "claim",
  "start",
  "heartbeat",
  "complete",
  "fail",
  "resume",
  // What the harness does for the bots. `rescue`: take expired claims from their holders. `redrive`: make dead jobs
  // pending again.
  "enqueue",
  "rescue",
  "redrive",
  ...noteOperations,
] as const;
export type Operation = (typeof operations)[number];

/**
 * `ok`: it happened. `empty`: it happened and there was nothing (a claim without a job, a settle that matched no row:
 * the job is not this bot's any more). `failed`: it certainly did not happen. `unknown`: it may have happened: the
 * connection died and the answer with it. Never is unknown turned into failed.
 */
export const eventTypes = ["invoke", "ok", "empty", "failed", "unknown", "info"] as const;
export type EventType = (typeof eventTypes)[number];

export interface HistoryEvent {
  /** 0, 1, 2 … in the order of recording. */
  readonly i: number;
  /** Nanoseconds since the run began, on one monotonic clock. */
  readonly t: number;
  readonly op: Operation;
  readonly type: EventType;
  /** Absent for what the harness does itself. */
  readonly bot?: number | undefined;
  readonly job?: number | undefined;
  /** The fencing number of the claim; absent where the strategy does not tell its bots. */
  readonly attempt?: number | undefined;
  /** SQLSTATE, or a network error such as ECONNRESET. */
  readonly code?: string | undefined;
  readonly detail?: Detail | undefined;
}

export type Detail =
  | ClaimDetail
  | EnqueueDetail
  | FailDetail
  | RescueDetail
  | RedriveDetail
  | ConnectionDetail
  | FaultDetail
  | InspectDetail
  | PhaseDetail
  | WaveDetail
  | RoundDetail
  | LookDetail;

/** On a claim's `invoke`: when it was meant to start, where load is scheduled. On its `ok`: jobs beyond the first. */
export interface ClaimDetail {
  /** Nanoseconds, same clock as `t`. */
  readonly intendedAt?: number;
  /** On the `invoke`: how many jobs were asked for at most; absent: one. */
  readonly limit?: number;
  readonly more?: readonly { readonly job: number; readonly attempt?: number }[];
}

/** Ids of acknowledged jobs as inclusive ranges. */
export type JobRange = readonly [first: number, last: number];

export interface EnqueueDetail {
  readonly jobs: readonly JobRange[];
  /**
   * Keys whose jobs are to be done one at a time and in the order of their numbers, with the jobs of each; absent where
   * jobs have no key.
   */
  readonly keys?: readonly { readonly key: string; readonly jobs: readonly JobRange[] }[];
}

/** On a fail's `ok`: what became of the job. Absent: it is pending, and may be claimed at once. */
export interface FailDetail {
  /** `dead`: no attempt was left, and nobody may claim it until it is redriven. */
  readonly status: "pending" | "dead";
  /** Of a pending one: how long it must wait before it may be claimed again, milliseconds. */
  readonly retryInMs?: number;
}

/** On a rescue's `ok`: the claims that were taken from their holders. A rescue that found none is `empty`. */
export interface RescueDetail {
  readonly jobs: readonly RescuedClaim[];
}

export interface RescuedClaim {
  readonly job: number;
  /** The attempt that was taken away. */
  readonly attempt?: number;
  /** From whom. */
  readonly bot?: number;
  /** No attempt was left: the job is dead. Absent: it is pending again. */
  readonly isDead?: true;
}

/** On a redrive's `ok`: the dead jobs that are pending again. */
export interface RedriveDetail {
  readonly jobs: readonly JobRange[];
}

export interface ConnectionDetail {
  /** `notified`: a listener was told that there may be jobs. */
  readonly event: "opened" | "lost" | "refused" | "notified";
  /** The connection on which the bots of this process (1, 2, 3 …) are told of jobs; absent: a bot's, or one of a shared pool. */
  readonly listener?: number;
}

/** `fault` names one line of the scenario, as in the plan: "kill-connection-2". */
export interface FaultDetail {
  readonly fault: string;
  readonly kind: string;
  /**
   * `injected`: it was done. `hit`: it is known to have hurt something (a backend seen inside a transaction was
   * terminated, a connection was cut). `missed`: injected, and certainly hurt nothing. `healed`: undone.
   */
  readonly event: "injected" | "hit" | "missed" | "healed" | "error";
  readonly note?: string;
  /** What was aimed at, where it is one thing: a backend's pid, an attempted change. */
  readonly aim?: string;
}

/** What the target's database said when asked; every form is taken in one snapshot. */
export type InspectDetail =
  | AgreementDetail
  | VerificationDetail
  | ConstraintsDetail
  | LocksDetail
  | FinalDetail;

/** Jobs and bots compared in both directions, in one REPEATABLE READ snapshot. */
export interface AgreementDetail {
  readonly what: "agreement";
  /** Rows where a held job has not exactly one bot pointing at it, or a bot points at a job it does not hold. */
  readonly count: number;
  /** At most ten of them. */
  readonly rows: readonly {
    readonly job?: number;
    readonly bot?: number;
    readonly problem: string;
  }[];
}

/** The files of `sql/verification`, each of which must count 0. */
export interface VerificationDetail {
  readonly what: "verification";
  readonly queries: readonly {
    readonly name: string;
    readonly count: number;
    readonly rows: readonly Record<string, unknown>[];
  }[];
}

/** For each constraint of `sql/constraints.sql`: is it there, and does it reject a row that breaks it? */
export interface ConstraintsDetail {
  readonly what: "constraints";
  readonly constraints: readonly {
    readonly name: string;
    readonly present: boolean;
    /** SQLSTATE with which the violating row was refused; null: it was accepted. */
    readonly rejectedWith: string | null;
    readonly expected: string;
  }[];
}

/** What the bots' sessions, which have nothing left to do, still hold after the drain. */
export interface LocksDetail {
  readonly what: "locks";
  readonly count: number;
  /** At most ten of them. */
  readonly rows: readonly {
    readonly kind: "advisory lock" | "idle in transaction" | "prepared transaction";
    /** The session, by its application name; of a prepared transaction, its name. */
    readonly holder: string;
    /** The lock's key, or the last statement. */
    readonly held: string;
  }[];
}

/** The tables after the drain. Ranges keep it short whatever the number of jobs. */
export interface FinalDetail {
  readonly what: "final";
  readonly jobs: readonly { readonly status: string; readonly ids: readonly JobRange[] }[];
  readonly effects: {
    readonly total: number;
    /** At most ten jobs whose effect happened more than once, and how many there are. */
    readonly repeated: readonly { readonly job: number; readonly times: number }[];
    readonly repeatedCount: number;
    /** Jobs succeeded without an effect, or with a wrong sum. */
    readonly missing: readonly number[];
    readonly missingCount: number;
  };
}

export type Phase = "set-up" | "warm-up" | "prepare" | "load" | "heal" | "drain" | "verify";

export interface PhaseDetail {
  readonly phase: Phase;
  readonly event: "begin" | "end";
  /** Why it ended, where that is not its natural end. */
  readonly note?: "deadline" | "interrupted";
}

/** One release of all bots at a barrier, in the load kind `rounds`. */
export interface WaveDetail {
  readonly wave: number;
  readonly event: "begin" | "end";
}

/** The round that the events up to the next one belong to: one strategy on fresh tables. */
export interface RoundDetail {
  readonly event: "begin" | "end";
  readonly round: number;
  readonly strategy: string;
  readonly role: Role;
  readonly constraints: boolean;
  /** How long a claim of the round is good for, in milliseconds; absent where claims have no lease. */
  readonly leaseMs?: number;
  /** How often expired claims are looked for, in milliseconds; absent where nobody rescues. */
  readonly rescueEveryMs?: number;
  /** How long a failed job waits before it may be claimed again; absent: it may be at once. */
  readonly retry?: RetryRule;
  /** On `end`: cost counters of the round, where the environment can tell them. */
  readonly cost?: RoundCost;
  /** On `end`: what else was measured while the load ran. */
  readonly load?: LoadDetail;
}

/** Between two repeats of a run that ends once its comparisons are decided: what is known after so many. */
export interface LookDetail {
  /** Repeats that had been run. */
  readonly repeats: number;
  /** Comparisons of claims/s, and how many of them were decided. */
  readonly comparisons: number;
  readonly decided: number;
  /** The run ended here, before its last repeat, because all were. */
  readonly stops: boolean;
}

/** After attempt n: least(cap, base · 2ⁿ⁻¹), of which a part up to `jitter` (0 to 1) is left out by lot. */
export interface RetryRule {
  readonly baseMs: number;
  readonly capMs: number;
  readonly jitter: number;
}

export type Role = "subject" | "control";

/** Totals of the load phase, on the bots' side of the link, harness statements excluded. */
export interface RoundCost {
  readonly statements: number;
  readonly roundTrips: number;
  /** Bytes of WAL the server wrote; absent where it may not be asked. */
  readonly walBytes?: number;
  /** Shared buffers that the bots' statements looked at; absent where no extension counts them. */
  readonly buffers?: number;
}
