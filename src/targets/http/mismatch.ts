import { HarnessError } from "../../base/harness-error.ts";

/** The scenario's idea of the service is not the service's: no verdict can come of that. */
export function mismatch(operation: string, what: string): HarnessError {
  const hint = "hold target.api of the scenario against what the service really answers";
  return new HarnessError({ kind: "usage", what, where: `target.api.${operation}`, hint });
}
