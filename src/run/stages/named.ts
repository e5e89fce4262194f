import { HarnessError } from "../../base/harness-error.ts";
import type { StageOptions } from "../stage.ts";

/** What the round plays, of the services or modules of a scenario. HarnessError (usage) where there is none of that name. */
export function named<T>(
  known: Readonly<Record<string, T>>,
  { planned, scenario }: StageOptions,
  where: string,
): T {
  const found = known[planned.strategy];
  if (found !== undefined) return found;
  const what = `${where} has no "${planned.strategy}"`;
  const hint = `it has ${Object.keys(known).join(", ")}`;
  throw new HarnessError({ kind: "usage", what, where: scenario.file, hint });
}
