import type { Load as LoadSpec } from "../scenario/scenario.ts";
import type { LoadContext, LoadExecutor, LoadKind } from "./load.ts";
import { drain } from "./load/drain.ts";
import { rounds } from "./load/rounds.ts";

/** Every kind of load. A new one is a file in `load`, and a line here. */
export const loads: { readonly [Kind in LoadSpec["kind"]]: LoadKind<Kind> } = {
  rounds: { execute: rounds, startsWithJobs: false },
  drain: { execute: drain, startsWithJobs: true },
};

export async function executeLoad(spec: LoadSpec, context: LoadContext): Promise<void> {
  const { execute } = loads[spec.kind] as LoadKind<LoadSpec["kind"]>;
  await (execute as LoadExecutor)(spec, context);
}
