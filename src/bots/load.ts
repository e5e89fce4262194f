import type { Load as LoadSpec } from "../scenario/scenario.ts";
import type { Bot, Record } from "./bot.ts";

/** Drives the bots through one load phase; resolves when the load is done or `signal` aborts. */
export type LoadExecutor<Spec extends LoadSpec = LoadSpec> = (
  spec: Spec,
  context: LoadContext,
) => Promise<void>;

export interface LoadContext {
  readonly bots: readonly Bot[];
  readonly record: Record;
  /** Adds as many acknowledged jobs as the scenario says. */
  readonly enqueue: () => Promise<void>;
  /** Whether a job will become free by itself; absent: none does, so bots that find nothing are done. */
  readonly hasMoreToCome?: (() => Promise<boolean>) | undefined;
  readonly signal: AbortSignal;
}

export interface LoadKind<Kind extends LoadSpec["kind"]> {
  readonly execute: LoadExecutor<Extract<LoadSpec, { kind: Kind }>>;
  /** The jobs are there before the load begins; else the load adds them itself. */
  readonly startsWithJobs: boolean;
}
