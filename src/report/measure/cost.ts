import type { RoundEvidence } from "../../checks/check.ts";
import type { RoundCost, RoundDetail } from "../../history/event.ts";
import { notesOf } from "../../history/rounds.ts";

/** What the load of a round cost in all; undefined where the environment could not tell, or the round was cut short. */
export function roundCost(round: RoundEvidence): RoundCost | undefined {
  const notes = notesOf<RoundDetail>(round, "round");
  return notes.find(({ detail }) => detail.event === "end")?.detail.cost;
}

export type CostName = "statements" | "roundTrips" | "walBytes" | "buffers";

/** One cost divided by the first grants it bought, over rounds that know it; null where none does. */
export function costPerClaim(
  rounds: readonly { readonly cost: RoundCost | undefined; readonly grants: number }[],
  name: CostName,
): number | null {
  let [total, grants] = [0, 0];
  for (const { cost, grants: bought } of rounds) {
    const part = cost?.[name];
    if (part === undefined) continue;
    total += part;
    grants += bought;
  }
  return grants > 0 ? total / grants : null;
}
