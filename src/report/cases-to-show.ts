import type { StrategyResult } from "./result.ts";

/**
 * How many cases of a strategy's n-th finding a summary tells: a subject's are what the reader must act on; of a
 * control, one shows that it was caught. report.html has up to five of each.
 */
export function casesToShow({ role }: Pick<StrategyResult, "role">, place: number): number {
  if (role === "subject") return 3;
  return place === 0 ? 1 : 0;
}
