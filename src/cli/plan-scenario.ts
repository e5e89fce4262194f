import { readFileSync } from "node:fs";
import { HarnessError } from "../base/harness-error.ts";
import { faults } from "../chaos/faults.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { withOverrides } from "../scenario/overrides.ts";
import type { Overrides } from "../scenario/overrides.ts";
import { readScenario } from "../scenario/read-scenario.ts";

/** A scenario file with what was said over it, expanded. HarnessError (usage): it cannot be read, or cannot be run. */
export function planScenario(file: string, overrides: Overrides): Plan {
  const scenario = readScenario({ file, text: readText(file) }, faults);
  return makePlan(withOverrides(scenario, overrides));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const what = `cannot be read (${(cause as NodeJS.ErrnoException).code})`;
    const hint = "scenarios that come with doubletake: npx doubletake list scenarios";
    throw new HarnessError({ kind: "usage", what, where: file, hint, cause });
  }
}
