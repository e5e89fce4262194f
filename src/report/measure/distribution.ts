import { quantile } from "../../stats/quantile.ts";
import type { StrategyResult } from "../result.ts";
import { significant } from "./significant.ts";

/** Steps within each factor of ten towards the maximum; 10 is where the percentiles are that people name. */
const steps = [10, 7.5, 5, 3.5, 2.5, 1.8, 1.3];

/**
 * The whole distribution as quantiles that come ever closer to the maximum, seven for each further nine, up to one in
 * as many as there are samples: 0, 0.25, 0.5 … 0.9, 0.925 … 0.99 … 1.
 */
export function distributionOf(sorted: Float64Array): StrategyResult["distribution"] {
  const max = sorted.at(-1);
  if (max === undefined) return [];
  const points: [number, number][] = [];
  for (let part = 0.1; part * 10 * sorted.length >= 1; part /= 10) {
    for (const step of steps) {
      const q = Number((1 - step * part).toFixed(12));
      if ((1 - q) * sorted.length < 1) break;
      points.push([q, significant(quantile(sorted, q) ?? max)]);
    }
  }
  return [...points, [1, significant(max)]];
}
