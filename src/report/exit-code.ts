import type { Verdict } from "../checks/check.ts";

/**
 * The exit code of a run : what a property says goes before what a threshold says, and what was not judged
 * is never a pass. The verdict is about the checks alone: a run that satisfies them all and misses an expectation has
 * passed, and ends with 3. An expectation that found no data was missed, too; one that cannot be read (by an older or newer
 * doubletake) ends with 2.
 */
export function runExitCode(run: {
  readonly verdict: Verdict;
  readonly expectations: readonly { readonly verdict: Verdict }[];
}): 0 | 1 | 2 | 3 {
  if (run.verdict === "violated") return 1;
  if (run.verdict === "inconclusive") return 2;
  const verdicts = new Set(run.expectations.map((expectation) => expectation.verdict));
  if (verdicts.has("violated")) return 3;
  return verdicts.has("inconclusive") ? 2 : 0;
}
