import type { FaultResult, RunResult } from "./result.ts";

/** One fault of the plan, and what it did to each strategy that met it. */
export interface FaultAcross {
  readonly fault: string;
  readonly kind: string;
  readonly summary: string;
  readonly strategies: readonly { readonly strategy: string; readonly met: FaultResult }[];
}

/** The faults in the plan's order, each with the strategies in the result's order. */
export function faultsAcross(result: RunResult): readonly FaultAcross[] {
  const met = result.strategies.flatMap((strategy) =>
    strategy.faults.map((fault) => ({ strategy: strategy.name, met: fault })),
  );
  const ids = [...new Set(met.map((each) => each.met.fault))];
  return ids.map((fault) => {
    const strategies = met.filter((each) => each.met.fault === fault);
    const { kind = "", summary = "" } = strategies[0]?.met ?? {};
    return { fault, kind, summary, strategies };
  });
}
