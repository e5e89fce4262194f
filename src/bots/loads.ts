import type { Load as LoadSpec } from "../scenario/load.ts";
import { Span } from "../base/span.ts";
import type { Arrivals, LoadContext, LoadExecutor, LoadKind } from "./load.ts";
import { arrivalRate } from "./load/arrival-rate.ts";
import { drain } from "./load/drain.ts";
import { duration } from "./load/duration.ts";
import { rounds } from "./load/rounds.ts";
import { JobProducer } from "./producer.ts";

/** Every kind of load. A new one is a file in `load`, and a line here. */
export const loads: { readonly [Kind in LoadSpec["kind"]]: LoadKind<Kind> } = {
  rounds: { execute: rounds, startsWithJobs: false },
  drain: { execute: drain, startsWithJobs: true },
  duration: { execute: duration, startsWithJobs: true },
  "arrival-rate": { execute: arrivalRate, startsWithJobs: true },
  ramp: { execute: arrivalRate, startsWithJobs: true },
};

/** Carries the load out, and adds jobs beside it where the scenario says so. Null: the load has no arrivals. */
export async function executeLoad(spec: LoadSpec, context: LoadContext): Promise<Arrivals | null> {
  const { execute } = loads[spec.kind] as LoadKind<LoadSpec["kind"]>;
  using producing = new Span({ outer: context.signal });
  const producer = new JobProducer(context.producer, context.enqueue);
  const produced = producer.run(producing.signal);
  try {
    const isProducing = (): boolean => producer.isBusy;
    return (await (execute as LoadExecutor)(spec, { ...context, isProducing })) ?? null;
  } finally {
    producing.end();
    await produced;
  }
}
