import type { RoundEvidence } from "../../checks/check.ts";
import { isConflict } from "./claims.ts";

/** Claims lost to a conflict, by SQLSTATE or LOST-RACE, in the order of their codes. */
export function conflictsByCode(rounds: readonly RoundEvidence[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { operations, events } of rounds) {
    for (let operation = 0; operation < operations.length; operation++) {
      if (operations.op(operation) !== "claim" || operations.outcome(operation) !== "failed")
        continue;
      const code = events.code(operations.complete(operation));
      if (code !== undefined && isConflict(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].toSorted(([one], [other]) => one.localeCompare(other)));
}
