import type { DrawnTime, Load, Producer } from "./load.ts";
import type { Position } from "./position.ts";
import type { PoolerSpec } from "./pooler.ts";
import type { TargetSpec } from "./target.ts";
import type { WakeByRole } from "./wake.ts";

/** A scenario file, read, checked and with every default filled in. Durations are milliseconds. */
export interface Scenario {
  /** The path as the user gave it. */
  readonly file: string;
  readonly name: string;
  /** The question the scenario asks. */
  readonly description: string;
  readonly tags: readonly string[];
  /** Absent: drawn when the plan is made, and printed. */
  readonly seed?: number | undefined;
  readonly strategies: {
    /** Names of `sql/strategies` or paths of strategy files. */
    readonly subjects: readonly string[];
    readonly controls: readonly string[];
  };
  /** Whose tables get `sql/constraints.sql`. */
  readonly constraints: "subjects" | "all" | "none";
  /** `workMs` is the mean where `work` is drawn for each job; it is absent where all take the same time. */
  readonly jobs: {
    readonly count: number;
    readonly workMs: number;
    readonly work?: DrawnTime | undefined;
  } & JobKinds;
  readonly bots: {
    readonly count: number;
    readonly connections: BotConnections;
    /** Pause of a bot between a job and its next claim; absent: none. */
    readonly think?: DrawnTime | undefined;
    /** Processes that they live in; absent: they live in ours. */
    readonly hosts?: number | undefined;
    /** How those that found nothing learn of work; absent: they ask again, after a pause that doubles up to 40 ms. */
    readonly wake?: WakeByRole | undefined;
  } & BotKinds;
  readonly load: Load;
  /** The system under test; absent: the reference service, called in this process. */
  readonly target?: Exclude<TargetSpec, { kind: "reference" }> | undefined;
  /** Absent: a lease of a minute, no heartbeats, one job a claim. */
  readonly claims?: ClaimsSpec | undefined;
  /** How often expired claims are taken from their holders; absent: nobody does. */
  readonly rescue?: { readonly everyMs: number } | undefined;
  /** What becomes of failed jobs; absent: as with the defaults. */
  readonly retry?: RetrySpec | undefined;
  /** Adds jobs while the load runs; absent: nobody does. */
  readonly enqueue?: Producer | undefined;
  /** Bots claim for so long before anything is measured or broken; absent: 0. */
  readonly warmUpMs?: number | undefined;
  /** Rounds per strategy, interleaved A B B A; the most of them where `leastRepeat` is there. */
  readonly repeat: number;
  /** From here on the run ends once every comparison of claims/s is decided; absent: all rounds are run. */
  readonly leastRepeat?: number | undefined;
  /** The first subject plays twice in each repeat, to tell what this machine can resolve. */
  readonly calibrate?: boolean | undefined;
  readonly faults: readonly FaultSpec[];
  /** Absent: the first fault waits for one granted claim. */
  readonly steadyState?: SteadyState | undefined;
  readonly expect: readonly ExpectationSpec[];
  /** Expectations about strategies that an option replaced: not judged, which the report says. */
  readonly leftOut?: readonly ExpectationSpec[] | undefined;
  /** Absent: no earlier run was named. */
  readonly baseline?: Baseline | undefined;
  readonly environment: EnvironmentSpec;
  /** Capabilities of the environment without which the scenario is skipped. */
  readonly requires: readonly string[];
  readonly deadlines: Deadlines;
}

/** What makes jobs differ; shares are relative to each other. Absent: they do not. */
export interface JobKinds {
  readonly types?: Readonly<Record<string, number>> | undefined;
  /** By priority, a whole number as text. */
  readonly priorities?: Readonly<Record<string, number>> | undefined;
  /** So many keys; jobs of one key are done one at a time. */
  readonly keys?: number | undefined;
  readonly maxAttempts?: number | undefined;
  /** Share of attempts whose work fails, 0 to 1. */
  readonly failing?: number | undefined;
}

/** Types that bots take, dealt out in turn; null: all. Absent: every bot takes all. */
export interface BotKinds {
  readonly types?: readonly (readonly string[] | null)[] | undefined;
}

export interface ClaimsSpec {
  readonly leaseMs: number;
  /** Absent: a bot at work does not renew its leases. */
  readonly heartbeatMs?: number | undefined;
  /** Most jobs of one claim. */
  readonly limit: number;
}

/** `sql/lifecycle/fail.sql` has the formula. */
export interface RetrySpec {
  readonly baseMs: number;
  readonly capMs: number;
  /** The part of a wait that is drawn by lot, 0 to 1. */
  readonly jitter: number;
  /** Attempts that dead jobs get, redriven once after the drain; absent: they stay dead. */
  readonly redrive?: number | undefined;
}

/** Every bot has a connection of its own, or all share a pool of that many. */
export type BotConnections = "per-bot" | number;

/** One line of `faults:`. `settings` has been validated by the fault's own schema. */
export interface FaultSpec {
  /** The fault's name in the registry: `toxic`, `kill-connection`. */
  readonly kind: string;
  readonly settings: unknown;
  /** Lasts from injection to heal, or is over at once. */
  readonly moment: "span" | "instant";
  /** In processes of their own, or in ours; absent: wherever the bots live. */
  readonly needsBots?: "in-hosts" | "in-process";
  readonly schedule: FaultSchedule;
  readonly position: Position;
}

/** Milliseconds from the start of the load phase. */
export interface FaultSchedule {
  readonly fromMs: number;
  /** Null: until the load ends. */
  readonly toMs: number | null;
  /** Null: injected once, at `fromMs`, and healed at `toMs`. Else injected each time, first at `fromMs + everyMs`. */
  readonly everyMs: number | null;
  /** Part of `everyMs` by which each moment is shifted at random, 0 to 1. */
  readonly jitter: number;
  /** Healed so long after each injection, in place of `toMs`. */
  readonly forMs?: number;
  /** Injected once when so many claims have been granted in the load, in place of a time. */
  readonly afterClaims?: number;
  /** What must hold before it is injected; waited for from its moment on. */
  readonly when?: FaultCondition;
  /** Of each moment to be taken, drawn from the seed; absent: 1. */
  readonly probability?: number;
  /** The rounds that meet the fault; absent: all. */
  readonly only?: "subjects" | "controls";
}

export type FaultCondition =
  /** A bot's backend has changed rows and not committed. */
  | { readonly kind: "mid-transaction" }
  /** A bot's backend waits for a lock. */
  | { readonly kind: "waiting-for-lock" }
  /** Every bot has found nothing, and does nothing since. */
  | { readonly kind: "idle" }
  /** So many claims have been asked for and not been answered. */
  | { readonly kind: "claims-in-flight"; readonly claims: number };

/** How the load must run before anything is broken. */
export interface SteadyState {
  readonly claims: number;
  /** Part of the operations that may have failed, 0 to 1. */
  readonly errors: number;
  readonly withinMs: number;
}

/** Numbers of an earlier run that expectations compare with, by `strategy.metric`. */
export interface Baseline {
  readonly file: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface ExpectationSpec {
  readonly text: string;
  /** Line 0: given on the command line. */
  readonly position: Position;
}

export interface EnvironmentSpec {
  /** `embedded`, `docker` or a URL. */
  readonly postgres: string;
  /** `embedded`, `binary`, `docker`, a URL, or `off`. */
  readonly toxiproxy: string;
  /** Server settings beyond PostgreSQL's defaults; embedded and docker only. */
  readonly settings: Readonly<Record<string, string>>;
  readonly images: { readonly postgres: string; readonly toxiproxy: string };
  /** Absent: every connection of a bot has a backend of its own. */
  readonly pooler?: PoolerSpec | undefined;
  /** The embedded server's data folder has a disk of so many MB of its own; absent: it has not. */
  readonly diskMb?: number | undefined;
  readonly witness: WitnessMode;
}

/** How the database is made to tell what it committed; `auto`: by decoding where the server can, else by audit. */
export const witnessModes = ["auto", "decoding", "audit", "off"] as const;
export type WitnessMode = (typeof witnessModes)[number];

export interface Deadlines {
  /** The load phase of a round ends here, finished or not. */
  readonly loadMs: number;
  readonly drainMs: number;
  /** One statement of a bot; past it the bot gives the connection up and the outcome is unknown. */
  readonly statementMs: number;
}
