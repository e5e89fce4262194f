import { HarnessError } from "../base/harness-error.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Strategy } from "../service/strategy.ts";

/** Refuses, before anything is started, a strategy that cannot be asked for what the scenario asks. HarnessError (usage). */
export function rejectMisfits(scenario: Scenario, strategies: Iterable<Strategy>): void {
  for (const strategy of strategies) {
    const bound = new Set(strategy.steps.flatMap((step) => step.bound.names));
    const limit = scenario.claims?.limit ?? 1;
    if (limit > 1 && !bound.has("limit")) {
      const what = `strategy "${strategy.name}" claims one job at a time, and claims.limit is ${limit}`;
      throw misfit(
        scenario,
        what,
        "bind :limit in its claim, as skip-locked does, or leave claims.limit out",
      );
    }
    if (scenario.bots.types !== undefined && !bound.has("types")) {
      const what = `strategy "${strategy.name}" takes any job, and bots.types wants some only`;
      throw misfit(scenario, what, "bind :types in its claim, or leave bots.types out");
    }
  }
}

function misfit({ file }: Scenario, what: string, hint: string): HarnessError {
  return new HarnessError({ kind: "usage", what, where: file, hint });
}
