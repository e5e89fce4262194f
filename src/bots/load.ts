import type { Random } from "../base/random.ts";
import type { Load as LoadSpec, Producer } from "../scenario/load.ts";
import type { Record } from "./bot.ts";
import type { Crew } from "./crew.ts";

/** Drives the bots through one load phase; resolves when the load is done or `signal` aborts. */
export type LoadExecutor<Spec extends LoadSpec = LoadSpec> = (
  spec: Spec,
  context: LoadContext,
) => Promise<Arrivals | void>;

export interface LoadContext {
  readonly crew: Crew;
  readonly record: Record;
  /** Adds acknowledged jobs; absent: as many as the scenario says. */
  readonly enqueue: (count?: number) => Promise<void>;
  /** Whether a job will become free by itself; absent: none does, so bots that find nothing are done. */
  readonly hasMoreToCome?: (() => Promise<boolean>) | undefined;
  /**
   * Whether no job is left; for bots that wait to be told, of which nobody can tell that they would find nothing. Absent: bots
   * ask again and again.
   */
  readonly isFinished?: (() => Promise<boolean>) | undefined;
  readonly signal: AbortSignal;
  /** Nanoseconds on the clock of the history. */
  readonly now: () => number;
  readonly random: Random;
  /** Adds jobs beside the load; absent: nobody does. */
  readonly producer?: Producer | undefined;
  /** Whether jobs may still be added; absent: none are. */
  readonly isProducing?: (() => boolean) | undefined;
  /** Draws a bot's pause between a job and its next claim; absent: none. */
  readonly drawThinkMs?: (() => number) | undefined;
}

/** What became of the arrivals of an open loop. */
export interface Arrivals {
  readonly scheduled: number;
  /** Taken by a bot only after `lateAfter`. */
  readonly late: number;
  /** Taken by nobody in time, and not sent. */
  readonly skipped: number;
}

export interface LoadKind<Kind extends LoadSpec["kind"]> {
  readonly execute: LoadExecutor<Extract<LoadSpec, { kind: Kind }>>;
  /** The jobs are there before the load begins; else the load adds them itself. */
  readonly startsWithJobs: boolean;
}
