import type { ResultFormat } from "./format.ts";
import { familyText } from "./openmetrics/family.ts";
import { runFamilies } from "./openmetrics/run.ts";
import { strategyFamilies } from "./openmetrics/strategies.ts";
import type { RunResult } from "./result.ts";

/**
 * metrics.prom: the numbers of the run as OpenMetrics 1.0 text, for a textfile collector or a push gateway. What could
 * not be had is left out: a metric that is missing is no zero.
 */
export const openMetrics: ResultFormat = {
  kind: "result",
  name: "openmetrics",
  isDefault: false,
  render: (result) => ({ "metrics.prom": text(result) }),
};

function text(result: RunResult): string {
  const families = [...runFamilies(result), ...strategyFamilies(result)];
  const filled = families.filter(({ samples }) => samples.length > 0);
  return `${filled.map(familyText).join("")}# EOF\n`;
}
