import type { Load as LoadSpec } from "../scenario/scenario.ts";
import type { Bot, Record } from "./bot.ts";
import { drain } from "./load/drain.ts";
import { rounds } from "./load/rounds.ts";

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
  readonly signal: AbortSignal;
}

/** One entry a load kind of the scenario. */
export const loads: { readonly [Kind in LoadSpec["kind"]]: LoadKind<Kind> } = {
  rounds: { execute: rounds, startsWithJobs: false },
  drain: { execute: drain, startsWithJobs: true },
};

interface LoadKind<Kind extends LoadSpec["kind"]> {
  readonly execute: LoadExecutor<Extract<LoadSpec, { kind: Kind }>>;
  /** The jobs are there before the load begins; else the load adds them itself. */
  readonly startsWithJobs: boolean;
}

export async function executeLoad(spec: LoadSpec, context: LoadContext): Promise<void> {
  const { execute } = loads[spec.kind] as LoadKind<LoadSpec["kind"]>;
  await (execute as LoadExecutor)(spec, context);
}
